/** The Chromium of the machine, and pages in it that fail the test when anything goes wrong inside. */
import { mkdirSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { chromium } from "playwright-core";
import { ROOT } from "./daemon.mjs";

/** Where screens and figures are written. */
export const OUT = process.env.EASEL_TEST_OUT ?? join(ROOT, "target/tmp/browser");
mkdirSync(OUT, { recursive: true });

/** @param {import("playwright-core").LaunchOptions} [options] */
export async function launch(options = {}) {
  return chromium.launch({
    executablePath: process.env.EASEL_CHROMIUM ?? "/usr/bin/chromium",
    ...options,
    args: [
      // Containers run as root; without these it calls home at every start.
      "--no-sandbox",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
      ...(options.args ?? []),
    ],
  });
}

/**
 * A page in a context of its own. What it says to its console as an error, and what it throws, is kept in `problems`.
 * @param {import("playwright-core").Browser} browser
 * @param {import("playwright-core").BrowserContextOptions} [options]
 */
export async function freshPage(browser, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(60_000);
  /** @type {string[]} */
  const problems = [];
  page.on("pageerror", (error) => problems.push(`${error.stack ?? error}`));
  page.on("console", (message) => {
    // A daemon that is away is part of some tests; the browser itself says so.
    if (message.type() === "error" && !/net::ERR_|WebSocket connection|status of 4\d\d/.test(message.text())) problems.push(message.text());
  });
  return { context, page, problems };
}

/**
 * A page that is let in, at a place such as `#/history`.
 * @param {import("playwright-core").Browser} browser
 * @param {import("./daemon.mjs").Daemon} daemon
 * @param {import("playwright-core").BrowserContextOptions} [options]
 */
export async function pairedPage(browser, daemon, options) {
  const fresh = await freshPage(browser, options);
  await fresh.page.goto(`${daemon.url}/#pair=${await daemon.code()}`);
  await fresh.page.waitForFunction(() => document.querySelector("#view")?.childElementCount && !document.querySelector("form.pair"));
  return fresh;
}

/** What axe finds wrong, a line each. @param {import("playwright-core").Page} page */
export async function violations(page) {
  // The page's own policy lets no script in from elsewhere: it comes through the debugger.
  const source = createRequire(import.meta.url).resolve("axe-core/axe.min.js");
  const { readFileSync } = await import("node:fs");
  await page.evaluate(readFileSync(source, "utf8"));
  // Halfway from one colour to another nothing has the contrast that it was given.
  await page.evaluate(() => Promise.allSettled(document.getAnimations().map(({ finished }) => finished)));
  const { violations } = await page.evaluate(() => /** @type {any} */ (globalThis).axe.run());
  return violations.flatMap((/** @type {any} */ it) =>
    it.nodes.map((/** @type {any} */ node) => `${it.id}: ${it.help}: ${node.target.join(" ")}: ${node.failureSummary}`),
  );
}

/**
 * Does something and waits until it has led to an address, also where the view there writes another in its place.
 * @param {import("playwright-core").Page} page @param {() => Promise<unknown>} work @param {string} hash
 */
export async function leads(page, work, hash) {
  await page.evaluate((wanted) => {
    addEventListener("hashchange", ({ newURL }) => {
      if (new URL(newURL).hash === wanted) document.documentElement.dataset.came = wanted;
    });
  }, hash);
  await work();
  await page.waitForFunction((wanted) => document.documentElement.dataset.came === wanted, hash);
}

/** Keeps a screen for whoever looks. @param {import("playwright-core").Page} page @param {string} name */
export async function shoot(page, name) {
  await page.screenshot({ path: join(OUT, `${name}.png`) });
}

/** @param {boolean} truth @param {string} what @returns {asserts truth} */
export function check(truth, what) {
  if (!truth) throw new Error(what);
}
