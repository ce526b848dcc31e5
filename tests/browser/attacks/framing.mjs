/**
 * Another page puts the daemon's page under its own, invisible, and lets a person click on what they do not see; or
 * opens it in a window that it keeps hold of. It is framed nowhere, and whoever opens it loses it.
 */
import { check, pairedPage } from "../lib/browser.mjs";
import { Daemon } from "../lib/daemon.mjs";
import { Hostile, Naive, enter, launchForAttack, until } from "../lib/hostile.mjs";

/** @import { Attack } from "../lib/attacker.mjs" */
/** @import { Frame } from "playwright-core" */

const daemon = await Daemon.start();
const source = await daemon.upload("tests/data/coffee.png");
const [hostile, naive] = [await Hostile.start(), await Naive.start()];
const browser = await launchForAttack();
const { attack } = /** @type {{ attack: Attack }} */ (/** @type {unknown} */ (globalThis));
const byName = `http://localhost:${daemon.port}`;

// Somebody who is let in: what their browser shows in a frame would be theirs to lose.
const { context, page: owner } = await pairedPage(browser, daemon);
context.setDefaultTimeout(60_000);
const PATHS = ["/", "/#/transform", "/page/main.js", "/page/index.html", "/page/icon.svg", "/rpc", "/healthz", `/v1/blobs/${source}/preview`, "/nothing"];
/** How a page puts another into itself; `HERE` is where that one's address goes. */
const FRAMES = {
  "a frame": `<iframe src="HERE"></iframe>`,
  "a frame that allows all": `<iframe src="HERE" allow="*" allowfullscreen credentialless="false"></iframe>`,
  "a frame in a sandbox": `<iframe src="HERE" sandbox="allow-scripts allow-same-origin allow-forms allow-popups"></iframe>`,
  "an object": `<object data="HERE" type="text/html"></object>`,
  "an embedded page": `<embed src="HERE" type="text/html">`,
  "a frame in a frame": `<iframe srcdoc='<iframe src="HERE"></iframe>'></iframe>`,
  "a frame that is sent there": `<iframe src="/redirect?to=HERE"></iframe>`,
};

/** The text of whatever a page holds from a place. @param {Frame[]} frames @param {string} base */
async function shown(frames, base) {
  const texts = [];
  for (const frame of frames) {
    // Where the browser keeps a page out, an error of its own stands in its place, under another address.
    if (frame.url().startsWith(base)) texts.push(await frame.evaluate(() => document.documentElement?.textContent ?? "").catch(() => ""));
  }
  return texts;
}

const tab = await context.newPage();
for (const host of ["evil.test", "127.0.0.1", "localhost"]) {
  for (const [how, markup] of Object.entries(FRAMES)) {
    hostile.pages.set("/trap", markup.replaceAll("HERE", `${naive.url}/`));
    await tab.goto(hostile.at(host, "/trap"));
    await until(async () => (await shown(tab.frames(), naive.url)).some((text) => text.includes("Spend")), `${how} on ${host}: frames nothing at all, so it proves nothing`);
    for (const base of [daemon.url, byName]) {
      hostile.pages.set("/trap", PATHS.map((path) => markup.replaceAll("HERE", base + path)).join(""));
      await tab.goto(hostile.at(host, "/trap"), { waitUntil: "load" });
      const seen = await shown(tab.frames().slice(1), base);
      check(seen.length === 0, `${how} on ${host}: the browser shows ${JSON.stringify(seen)}`);
    }
  }
}
// Not even the daemon's own page frames another of its pages.
await owner.evaluate(
  () =>
    new Promise((resolve) => {
      const frame = document.createElement("iframe");
      frame.addEventListener("load", resolve);
      frame.src = "/";
      document.body.append(frame);
    }),
);
check((await shown(owner.frames().slice(1), daemon.url)).length === 0, "the page frames itself");

// A window of its own: who opened it keeps no hold of it, and it none of them.
for (const [from, address] of hostile.places) {
  const frame = await enter(tab, address);
  /** @param {string} url @param {string} name what is in it when it is there */
  const popup = async (url, name) => {
    const opened = context.waitForEvent("page");
    await frame.evaluate((url) => void attack.open(url), url);
    const window = await opened;
    await window.waitForFunction((name) => document.title.includes(name), name);
    return window;
  };
  const theirs = await popup(`${naive.url}/`, "Naive");
  check((await frame.evaluate(() => attack.window?.closed)) === false, `from ${from}: no window is held anywhere, so it proves nothing`);
  check(await theirs.evaluate(() => opener !== null), `from ${from}: no window knows who opened it`);
  await theirs.close();
  if (new URL(address).pathname === "/frame") {
    // A window out of a sandbox would be in it as well: the browser shows the page in none.
    const opened = context.waitForEvent("page");
    await frame.evaluate((url) => void attack.open(url), daemon.url);
    const window = await opened;
    await window.waitForURL("chrome-error://**");
    await window.close();
    continue;
  }
  const window = await popup(`${daemon.url}/#/history`, "Easel");
  check((await frame.evaluate(() => attack.window?.closed)) === true, `from ${from}: the window of the page is still held`);
  check(await window.evaluate(() => opener === null), `from ${from}: the page knows who opened it`);
  const learnt = await frame.evaluate(() => {
    const held = /** @type {any} */ (attack.window);
    const tries = {
      document: () => held.document.body.textContent,
      store: () => held.localStorage.getItem("easel.token"),
      address: () => held.location.href,
      frames: () => `${held.frames.length} frames`,
    };
    return Object.entries(tries).map(([what, get]) => {
      try {
        return `${what}: ${get()}`;
      } catch (error) {
        return `${what}: ${/** @type {Error} */ (error).name}`;
      }
    });
  });
  check(learnt.every((line) => /Error$|: undefined$|: null$|: 0 frames$/.test(line)), `from ${from}: learnt ${learnt.join(", ")}`);
  await frame.evaluate((url) => {
    const held = /** @type {any} */ (attack.window);
    try {
      held.location = url;
    } catch {
      // It is out of reach.
    }
    held?.postMessage({ type: "easel", method: "server.shutdown" }, "*");
  }, hostile.at("evil.test", "/fake"));
  await window.reload();
  check(window.url().startsWith(daemon.url), `from ${from}: the window was sent to ${window.url()}`);
  await window.close();
}
check(!hostile.told.some(({ path }) => path === "/fake"), "a window of the page was sent elsewhere");
await browser.close();
await daemon.kill();
