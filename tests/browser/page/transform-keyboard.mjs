/**
 * From nothing to a saved result, an iteration and a comparison with the keyboard alone; what is said on the way is
 * heard.
 */
import { check, launch, pairedPage, shoot } from "../lib/browser.mjs";
import { Daemon } from "../lib/daemon.mjs";
import { difference, drawn, drawnOther, idle, newest, photograph } from "../lib/transform.mjs";

const daemon = await Daemon.start();
const browser = await launch();
const { page, problems, context } = await pairedPage(browser, daemon);
await page.addInitScript(() => {
  addEventListener("DOMContentLoaded", () => {
    const said = /** @type {HTMLElement} */ (document.getElementById("said"));
    const heard = /** @type {string[]} */ (/** @type {any} */ (globalThis).heard = []);
    new MutationObserver(() => heard.push(said.textContent ?? "")).observe(said, { childList: true });
  });
});
await page.reload();
await page.getByText("Drop a picture here").waitFor();
const press = (/** @type {string} */ key) => page.keyboard.press(key);
/**
 * Goes on with Tab until something has the focus.
 * @param {import("playwright-core").Locator} locator @param {string} [key]
 */
const tabTo = async (locator, key = "Tab") => {
  for (let presses = 0; presses < 150; presses += 1) {
    if ((await locator.count()) && (await locator.first().evaluate((it) => it === document.activeElement))) {
      // Whoever sees it sees where they are.
      const outline = await locator.first().evaluate((it) => getComputedStyle(it).outlineStyle);
      check(outline !== "none", `${await locator.first().innerText()} has the focus and does not show it`);
      return;
    }
    await press(key);
  }
  throw new Error(`Tab never reaches ${locator}`);
};
const button = (/** @type {string | RegExp} */ name) => page.getByRole("button", { name, exact: true });

// A picture.
await tabTo(button("Choose a picture").first());
const [chooser] = await Promise.all([page.waitForEvent("filechooser"), press("Enter")]);
await chooser.setFiles(photograph("coffee.png"));
await page.locator(".source").getByText("600×400").waitFor();

// What should change, and by whom.
await tabTo(button("Restyle"));
await press("Enter");
await tabTo(page.getByRole("combobox", { name: "Style" }));
await page.keyboard.type("Starlit");
await page.getByText("Starlit blue", { exact: true }).waitFor();
await tabTo(page.getByRole("checkbox", { name: /^Auto/ }));
await press("Space");
await tabTo(page.getByRole("checkbox", { name: /^Painting styles/ }));
await press("Space");
await page.getByRole("checkbox", { name: /^Painting styles/, checked: true }).waitFor();

// A mask by numbers.
await tabTo(button("Rectangle by numbers"));
await press("Enter");
for (const [side, value] of [
  ["Left", "150"],
  ["Top", "100"],
  ["Width", "300"],
  ["Height", "200"],
]) {
  await tabTo(page.locator(".rectangle").getByLabel(String(side), { exact: true }));
  await page.keyboard.type(String(value));
}
await press("Enter");
await page.locator(".source").getByText("mask 300×200").waitFor();
await shoot(page, "transform-keyboard-mask");

// It is run from the words, and followed.
await tabTo(page.getByRole("textbox", { name: "What should change" }), "Shift+Tab");
await press("Control+Enter");
await page.locator(".result.shown").filter({ hasText: "Painting styles" }).waitFor();
await idle(page);
const record = await newest(daemon);
const { outside, inside } = await difference(daemon, record.jobs[0].artifacts[0], record.ask);
check(outside === 0 && inside > 1000, `${outside} pixels changed outside, ${inside} inside`);
const heard = await page.evaluate(() => /** @type {any} */ (globalThis).heard.join("\n"));
for (const text of ["Added to the mask", "Done: Painting styles (local)"])
  check(heard.includes(text), `nobody heard “${text}” but:\n${heard}`);

// The picture: it is zoomed, moved, and seen whole again.
await tabTo(page.locator(".hero"));
let seen = await drawn(page);
for (const key of ["+", "+", "Shift+ArrowRight", "Shift+ArrowDown"]) {
  await press(key);
  seen = await drawnOther(page, seen, key);
}
await press("f");
seen = await drawnOther(page, seen, "f");
await page.keyboard.down(" ");
await drawnOther(page, seen, "space");
await page.keyboard.up(" ");

// The result is discarded and taken back, the focus staying with it.
await tabTo(button("Discard"), "Shift+Tab");
await press("Enter");
await page.waitForFunction(() => document.activeElement?.textContent === "Undo");
await press("Enter");
await page.locator(".result .show").waitFor();
await page.waitForFunction(() => document.activeElement?.classList.contains("show"));
await press("Enter");
await page.locator(".result.shown").waitFor();

// It is iterated from, and compared.
await press("i");
await page.locator(".from .chip").filter({ hasText: "from Painting styles" }).waitFor();
await press("1");
await page.locator(".result.shown").waitFor();
await press("?");
const keys = page.getByRole("dialog");
for (const what of ["Compare", "Eraser, or the brush again", "Iterate from this"]) await keys.getByText(what).waitFor();
await press("Escape");
await press("c");
await page.waitForFunction((id) => location.hash.startsWith(`#/compare/${id}?artifact=`), record.id);
await page.goBack();
await page.locator(".from .chip").filter({ hasText: "from Painting styles" }).waitFor();

check(problems.length === 0, problems.join("\n"));
await context.close();
await browser.close();
await daemon.kill();
