/**
 * Takes the pictures in docs/images: the page as it is, at three widths, with painted people in front of the cameras. They come from
 * the stories, which need no server, so that the same pictures come out on every machine.
 *
 * `npm run screenshots -w console`. Another browser than Debian's Chromium: CHROMIUM.
 */
import { mkdir, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";
import { build, createServer } from "vite";

const root = fileURLToPath(new URL("..", import.meta.url));
const images = fileURLToPath(new URL("../../docs/images/", import.meta.url));
const WIDTHS = {
  phone: { width: 390, height: 844 },
  tablet: { width: 820, height: 1180 },
  desktop: { width: 1440, height: 900 },
};
/** Of a picture, in bytes: whoever reads the documentation on a train waits for all of them. */
const MOST_BYTES = 150_000;

/** What is taken: a story, the colours, and what happens before. */
const PICTURES = {
  join: { story: "join", colorScheme: "light", prepare: (page) => page.getByTestId("name-input").fill("Ada Lovelace") },
  call: { story: "call&count=9&hands=1", colorScheme: "light", prepare: videosPlay },
  crowd: { story: "call&count=16", colorScheme: "dark", prepare: videosPlay },
  chat: { story: "call&count=5&chat=1", colorScheme: "dark", prepare: openChat },
  lobby: { story: "lobby", colorScheme: "light", prepare: videosPlay },
  admin: { story: "admin&room=quiet-garden-42", colorScheme: "light", prepare: (page) => page.getByTestId("event").nth(3).waitFor() },
};

const paintedDevices = await bundle(fileURLToPath(new URL("../stories/painted-devices.ts", import.meta.url)));
await mkdir(images, { recursive: true });
const server = await createServer({ root, logLevel: "error", server: { host: "127.0.0.1", port: 0 } });
await server.listen();
const [address] = server.resolvedUrls.local;
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM || "/usr/bin/chromium",
  args: [
    "--no-sandbox",
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
    "--disable-background-networking",
    "--disable-gpu",
  ],
});
try {
  const encoder = await browser.newPage();
  for (const [name, picture] of Object.entries(PICTURES)) {
    for (const [width, viewport] of Object.entries(WIDTHS)) await take(encoder, `${name}-${width}`, viewport, picture);
  }
} finally {
  await browser.close();
  await server.close();
}

async function take(encoder, name, viewport, { story, colorScheme, prepare }) {
  // What moves would be another picture each time.
  const context = await browser.newContext({ viewport, colorScheme, reducedMotion: "reduce" });
  context.setDefaultTimeout(60_000);
  const page = await context.newPage();
  await page.addInitScript(`window.paintedSitter = 0;${paintedDevices}`);
  await page.goto(`${address}stories/?story=${story}`);
  await prepare(page);
  await page.evaluate(() => {
    document.activeElement?.blur();
    return document.fonts.ready;
  });
  const picture = await toWebp(encoder, await page.screenshot());
  if (picture.length > MOST_BYTES) throw new Error(`${name} has ${picture.length} bytes`);
  await writeFile(`${images}${name}.webp`, picture);
  await context.close();
}

async function videosPlay(page) {
  await page.waitForFunction(() => {
    const videos = [...document.querySelectorAll("video")];
    return videos.length > 0 && videos.every((video) => video.videoWidth > 0 && video.currentTime > 0);
  });
}

async function openChat(page) {
  await videosPlay(page);
  await page.getByTestId("chat-toggle").click();
  await page.getByTestId("chat-message").first().waitFor();
}

/** The same picture in a fifth of the bytes; the browser is the encoder. */
async function toWebp(encoder, png) {
  const url = await encoder.evaluate(async (base64) => {
    const picture = new Image();
    picture.src = `data:image/png;base64,${base64}`;
    await picture.decode();
    const canvas = Object.assign(document.createElement("canvas"), { width: picture.width, height: picture.height });
    canvas.getContext("2d").drawImage(picture, 0, 0);
    return canvas.toDataURL("image/webp", 0.82);
  }, png.toString("base64"));
  return Buffer.from(url.slice(url.indexOf(",") + 1), "base64");
}

async function bundle(entry) {
  const output = await build({
    configFile: false,
    logLevel: "error",
    build: { write: false, lib: { entry, formats: ["iife"], name: "paintedDevices" } },
  });
  return [output].flat()[0].output[0].code;
}
