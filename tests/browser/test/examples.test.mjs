import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";

import { build } from "vite";

import { eventually } from "../support/eventually.mjs";
import { fileServer } from "../support/file-server.mjs";
import { paths } from "../support/paths.mjs";
import { scenario } from "../support/stage.mjs";

scenario("the page of 15 lines: two who open it see and hear each other", async (stage) => {
  const page = "examples/call-in-15-lines.html";
  assert.equal(readFileSync(join(paths.repository, page), "utf8").trimEnd().split("\n").length, 15);
  await withFiles(paths.repository, async (files) => {
    const server = await stage.server();
    const address = `${files.url}${page}?server=${encodeURIComponent(server.url)}`;
    const [ada, tallis] = [await stage.plainTab("ada", address), await stage.plainTab("tallis", address)];
    await Promise.all([ada, tallis].map((tab) => showsAndPlays(tab, "video, audio", 2)));

    await ada.page.close();
    await eventually("what ada sent is gone", () => tallis.page.locator("video, audio").count(), { isReached: (count) => count === 0 });
  });
});

scenario("the React example: two people see and hear each other, mute, chat, leave and come again", async (stage) => {
  const root = join(paths.repository, "examples/react");
  await build({ root, logLevel: "error" });
  await withFiles(join(root, "dist"), async (files) => {
    const server = await stage.server();
    const address = `${files.url}?server=${encodeURIComponent(server.url)}`;
    const [ada, tallis] = [await stage.plainTab("Ada", address), await stage.plainTab("Tallis", address)];
    for (const { page, name } of [ada, tallis]) {
      await page.getByLabel("Your name").fill(name);
      await page.getByRole("button", { name: "Join" }).click();
      await page.getByRole("button", { name: "Speak" }).click();
      await page.getByRole("button", { name: "Start video" }).click();
    }
    for (const [tab, other] of [[ada, tallis], [tallis, ada]]) {
      const tile = `figure:has(figcaption:text-is("${other.name}"))`;
      await showsAndPlays(tab, `${tile} :is(video, audio)`, 2);
    }

    await ada.page.getByRole("button", { name: "Stop video" }).click();
    await tallis.page.locator('figure:has(figcaption:text-is("Ada")) video').waitFor({ state: "detached" });
    await ada.page.getByLabel("Message").fill("Can you read this?");
    await ada.page.getByRole("button", { name: "Send" }).click();
    await tallis.page.getByRole("listitem").filter({ hasText: "Can you read this?" }).waitFor();

    await ada.page.getByRole("button", { name: "Leave" }).click();
    await tallis.page.locator('figcaption:text-is("Ada")').waitFor({ state: "detached" });
    await ada.page.getByLabel("Your name").fill("Ada again");
    await ada.page.getByRole("button", { name: "Join" }).click();
    await tallis.page.locator('figcaption:text-is("Ada again")').waitFor();
  });
});

async function withFiles(directory, use) {
  const files = await fileServer(directory);
  try {
    await use(files);
  } finally {
    await files.close();
  }
}

/** So many elements are there, and all of them play something. */
async function showsAndPlays({ page, name }, selector, count) {
  const states = () =>
    page.locator(selector).evaluateAll((elements) =>
      elements.map(({ localName, currentTime, videoWidth, srcObject }) => ({ localName, currentTime, videoWidth, tracks: srcObject?.getTracks().length })),
    );
  await eventually(`${name} sees and hears ${selector}`, states, {
    isReached: (elements) =>
      elements.length === count && elements.every(({ localName, currentTime, videoWidth, tracks }) => tracks === 1 && currentTime > 0 && (localName === "audio" || videoWidth > 0)),
    withinMs: 30_000,
  });
}
