/**
 * Takes the pictures in docs/images: a real call between four browsers, in front of painted people.
 *
 * `npm run screenshots -w console`, beside a running `antiphon`. Elsewhere: ANTIPHON_URL. Another browser: CHROMIUM.
 */
import { mkdir } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";
import { build } from "vite";

const server = process.env.ANTIPHON_URL ?? "http://127.0.0.1:7880";
const images = fileURLToPath(new URL("../../docs/images/", import.meta.url));
const names = ["Ada Lovelace", "Thomas Tallis", "Giovanni Gabrieli", "Clara Schumann"];
const chat = [
  [1, "Good morning! Can you hear the second choir?"],
  [0, "Loud and clear. They answer half a breath late, as they should."],
  [3, "The score: https://scores.example/7"],
  [3, "Bar 12 has the repeat."],
  [2, "Found it, thank you."],
  [0, "Then from the top, please."],
];

const paintedDevices = await bundle(fileURLToPath(new URL("../stories/painted-devices.ts", import.meta.url)));
await mkdir(images, { recursive: true });
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: [
    "--no-sandbox",
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
    "--disable-background-networking",
    "--disable-gpu",
  ],
});
try {
  await picturePreJoin();
  await pictureCall();
} finally {
  await browser.close();
}

async function picturePreJoin() {
  const page = await open(0, "?room=quiet-garden-42", { colorScheme: "light" });
  await page.getByTestId("name-input").fill(names[0]);
  await page.getByTestId("name-input").blur();
  await waitForCamera(page);
  await page.waitForFunction(
    () => Number(document.querySelector('[data-testid="level-meter"]').getAttribute("aria-valuenow")) > 40,
  );
  await page.screenshot({ path: `${images}join.png` });
  await page.context().close();
}

async function pictureCall() {
  const room = `quiet-garden-${Math.floor(Math.random() * 90) + 10}`;
  const pages = [];
  for (const [index, name] of names.entries()) {
    const page = await open(index, `?room=${room}`, { colorScheme: "dark" });
    await page.getByTestId("name-input").fill(name);
    await waitForCamera(page);
    if (index !== 1) await page.getByTestId("mic-toggle").click();
    await page.getByTestId("join-button").click();
    await page.getByTestId("call-screen").waitFor();
    pages.push(page);
  }
  for (const page of pages) await page.getByTestId("chat-toggle").click();
  for (const [author, text] of chat) {
    const page = pages[author];
    await page.getByTestId("chat-input").fill(text);
    await page.keyboard.press("Enter");
    await pages[0].getByTestId("chat-message").filter({ hasText: text }).waitFor();
  }
  const me = pages[0];
  await me.waitForFunction(
    (count) => {
      const videos = [...document.querySelectorAll('[data-testid="tile"] video')];
      return videos.length === count && videos.every((video) => video.videoWidth >= 640);
    },
    names.length,
    { timeout: 30_000 },
  );
  // The news of who joined is gone by then.
  await me.getByTestId("toast").first().waitFor({ state: "detached" });
  await me.screenshot({ path: `${images}call.png` });
}

async function open(sitter, query, options) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options });
  const page = await context.newPage();
  await page.addInitScript(`window.paintedSitter = ${sitter};${paintedDevices}`);
  await page.goto(new URL(query, server).href);
  return page;
}

async function waitForCamera(page) {
  await page.locator('[data-testid="camera-toggle"]:enabled').waitFor();
  await page.locator('[data-testid="mic-toggle"]:enabled').waitFor();
}

async function bundle(entry) {
  const output = await build({
    configFile: false,
    logLevel: "error",
    build: { write: false, lib: { entry, formats: ["iife"], name: "paintedDevices" } },
  });
  return [output].flat()[0].output[0].code;
}
