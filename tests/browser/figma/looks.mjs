/** How it looks and whom it serves: both of Figma's themes, axe, targets, keys, names that look like markup. The pictures are for people to see. */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { check } from "../lib/browser.mjs";
import { Daemon } from "../lib/daemon.mjs";
import { openHost } from "./host/host.mjs";

/** @import { Figma, Wishes } from "./host/host.mjs" */

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const daemon = await Daemon.start();

/** What axe finds wrong in the plugin's window, and what is too small to hit. @param {Figma} figma @param {string} what */
async function sound(figma, what) {
  const frame = figma.page.frames()[1];
  check(Boolean(frame), "the plugin has a window");
  await frame?.evaluate(AXE);
  const { violations } = await /** @type {any} */ (frame).evaluate(() => /** @type {any} */ (globalThis).axe.run());
  const lines = (/** @type {any} */ { id, nodes }) => nodes.map((/** @type {any} */ it) => `${id}: ${it.target.join(" ")}: ${it.failureSummary}`);
  const found = violations.flatMap(lines);
  check(!found.length, `${what}:\n${found.join("\n")}`);
  const small = await figma.ui.locator("button, select, input:not([type=checkbox]), textarea, summary").evaluateAll((all) =>
    all.filter((it) => it.checkVisibility()).flatMap((it) => {
      const { width, height } = it.getBoundingClientRect();
      return width >= 28 && height >= 28 ? [] : [`${it.outerHTML.slice(0, 80)}: ${width}×${height}`];
    }),
  );
  check(!small.length, `${what}: too small to hit:\n${small.join("\n")}`);
  const wide = await figma.ui.locator("body").evaluate((body) => body.scrollWidth - body.clientWidth);
  check(wide <= 0, `${what}: it is ${wide} px wider than its window`);
}

const HOSTILE = '<img src=x onerror="document.title=1">';

for (const theme of /** @type {const} */ (["light", "dark"])) {
  const figma = await openHost(daemon, { theme, paired: false, viewport: { width: 1440, height: 900 } });
  const ground = theme === "light" ? { r: 1, g: 1, b: 1 } : { r: 0.16, g: 0.16, b: 0.16 };
  const board = await figma.node("FRAME", { name: "Board", width: 1180, height: 620, fills: [{ type: "SOLID", color: ground }] });
  const photo = await figma.image("tests/data/chelsea.png", { name: "Chelsea", parent: board, relativeTransform: [[1, 0, 40], [0, 1, 40]], width: 676, height: 450 });
  const other = await figma.image("tests/data/coffee.png", { name: HOSTILE, parent: board, relativeTransform: [[1, 0, 760], [0, 1, 40]], width: 380, height: 253 });
  const blue = [{ type: "SOLID", color: { r: 0.05, g: 0.6, b: 1 }, opacity: 0.4 }];
  const nose = { name: "Around the nose", width: 300, height: 220, relativeTransform: [[1, 0, 230], [0, 1, 200]], fills: blue };
  const spot = await figma.node("ELLIPSE", nose, board);
  await figma.select(photo);

  await figma.host("start");
  await figma.ui.getByLabel("Code").waitFor();
  await sound(figma, `${theme}, pairing`);
  await figma.shoot(`pairing-${theme}`);
  await figma.ui.getByLabel("Code").fill(await daemon.code());
  await figma.ui.getByLabel("Code").press("Enter");
  await figma.ui.locator(".model").first().waitFor();
  await figma.only("Painting styles (local)");
  await figma.ui.locator("select[name=style]").selectOption("warm-oil");
  await sound(figma, `${theme}, before anything`);
  await figma.shoot(`panel-${theme}`);
  await figma.go();
  await figma.made(1);
  await figma.select(photo, spot, other);
  await figma.ui.locator(".layer").nth(2).waitFor();
  check((await figma.ui.locator(".layer .name", { hasText: HOSTILE }).count()) === 1, "a name is a text, whatever it looks like");
  check((await figma.ui.locator(".layer .name img").count()) === 0, "and never markup");
  await figma.ui.locator("select[name=style]").selectOption("comic-ink");
  await figma.go();
  await figma.made(2);
  await figma.ui.locator(".more summary").click();
  await sound(figma, `${theme}, three layers`);
  await figma.shoot(`masked-${theme}`);

  // Two side by side, and the list of results.
  await figma.host("undo");
  await figma.select(photo);
  await figma.ui.locator(".layer").nth(1).waitFor({ state: "detached" });
  await figma.ui.getByLabel("Compare with Invert", { exact: true }).check();
  await figma.go();
  await figma.made(3);
  await figma.ui.locator("button.go:enabled").waitFor();
  await figma.ui.locator(".result").first().scrollIntoViewIfNeeded();
  await figma.ui.locator(".result .thumb img:not(.loading)").nth(1).waitFor();
  await sound(figma, `${theme}, results`);
  await figma.shoot(`results-${theme}`);

  // Everything can be reached and worked with keys alone, from the top.
  await figma.ui.locator(".intents button").first().focus();
  /** @type {string[]} */
  const reached = [];
  for (let step = 0; step < 20; step += 1) {
    await figma.page.keyboard.press("Tab");
    const name = () => document.activeElement?.textContent?.slice(0, 20) || document.activeElement?.getAttribute("name") || "";
    reached.push(await figma.ui.locator("body").evaluate(name));
  }
  check(["Enhance", "prompt"].every((name) => reached.includes(name)) && reached.some((name) => name.startsWith("Invert")), `keys reach ${reached}`);
  await figma.end();

  // Where nothing answers.
  /** @type {Wishes} */
  const alone = { theme, paired: false, viewport: { width: 1440, height: 900 } };
  const away = await openHost(daemon, alone);
  await away.image("tests/data/coffee.png", { name: "Coffee" });
  await away.host("start");
  await away.ui.locator(".away").waitFor();
  await sound(away, `${theme}, away`);
  await away.shoot(`away-${theme}`);
  await away.end();
  if (theme === "light") await daemon.startAgain();
}
