/** History, as a person uses it: some hundred transforms from several editors, searched, walked through and followed back. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { check, launch, leads, pairedPage, shoot, violations } from "../lib/browser.mjs";
import { Daemon } from "../lib/daemon.mjs";

const daemon = await Daemon.start();
let keys = 0;

/** @param {object} ask @param {object} [more] @returns {Promise<any>} */
const submit = (ask, more = {}) => daemon.call("transform.submit", { key: `history-${(keys += 1)}`, ask, ...more });

/** @param {any} record @returns {Promise<any>} the record once all has ended */
async function ended(record) {
  let after = 0;
  while (record.jobs.some((/** @type {any} */ job) => job.state === "queued" || job.state === "running")) {
    after = (await daemon.call("job.events", { transform: record.id, after, wait_ms: 5000 })).next;
    record = await daemon.call("transform.get", { id: record.id });
  }
  return record;
}

/** A picture of 8×8 pixels, one like no other. @param {number} number @returns {Promise<string>} */
async function tiny(number) {
  const rows = new Uint8Array(256).map((_, index) => (index % 4 === 3 ? 255 : (number * 53 + index * 7) % 256));
  const type = "application/vnd.easel.pixels; format=rgba8; width=8; height=8";
  return (await (await daemon.fetch("/v1/blobs", { method: "PUT", headers: { "content-type": type }, body: rows })).json()).id;
}

const browser = await launch();
const { page, problems } = await pairedPage(browser, daemon);
/** @param {string} hash */
const go = (hash) => page.evaluate((to) => void (location.hash = to), hash);
/** @param {string} what */
const clean = async (what) => {
  const found = await violations(page);
  check(!found.length, `axe on ${what}:\n${found.join("\n")}`);
};
const rows = page.locator(".history-row");
/** Waits for what is found in all. @param {string} text */
const counted = (text) => page.locator(".history-bar [role=status]").getByText(text, { exact: true }).waitFor();
/** @param {number} place from 1 */
const at = (place) => page.locator(`.history-row[aria-posinset="${place}"]`);
/** Waits until the keyboard is in this row. @param {number} place from 1 */
const focused = (place) => page.waitForFunction((it) => document.activeElement?.closest(".history-row")?.getAttribute("aria-posinset") === String(it), place);

await go("#/history");
await page.getByText("Transform a picture, and it is kept here with everything that it came from.").waitFor();
await clean("an empty history");

// Some hundred from the command line, and a few that somebody will look for.
const FILLERS = 300;
for (let start = 0; start < FILLERS; start += 20) {
  const group = Array.from({ length: 20 }, async (_, index) => submit({ intent: "restyle", source: await tiny(start + index), title: `scan-${start + index}.png`, client: "cli", models: ["invert"] }));
  await Promise.all(group);
}
const coffee = await daemon.upload("tests/data/coffee.png");
const recipe = join(daemon.data, "negatives.easel.toml");
writeFileSync(recipe, 'title = "Negatives"\nintent = "restyle"\nmodel = "invert"\n');
const watched = join(daemon.data, "camera roll");
mkdirSync(watched);
await daemon.call("folder.add", { folder: { path: watched, recipe } });
await submit({ intent: "restyle", source: await tiny(999), title: "IMG_0001.jpg", client: "folder", models: ["invert"] }, { folder: watched });
const first = await ended(await submit({ intent: "edit", source: coffee, title: "coffee.png", client: "krita", prompt: "a Sunset over the cup", models: ["same-8"], params: { left: 1 } }));
const parent = first.jobs[0].artifacts[0];
const second = await ended(await submit({ intent: "edit", source: parent.blob, parent: parent.id, title: "coffee.png", client: "krita", prompt: "and a lighthouse", models: ["invert", "same-8"].slice(1) }));
const next = second.jobs[0].artifacts[0];
const third = await ended(await submit({ intent: "edit", source: next.blob, parent: next.id, client: "web", prompt: "less of the sunset", models: ["same-16"] }));
const other = await ended(await submit({ intent: "edit", source: next.blob, parent: next.id, client: "web", prompt: "a colder sea", models: ["same-8"] }));
await ended(await submit({ intent: "edit", source: coffee, client: "figma", prompt: "what cannot be", models: ["error-text"] }));
const TOTAL = FILLERS + 6;

// They came while the list was empty: it shows them without being asked.
await page.waitForFunction(() => document.querySelectorAll(".history-row .row-title").length > 5);
await page.reload();
await counted(`${TOTAL} transforms`);
await at(1).getByText("what cannot be").waitFor();
check(/Failed/.test(await at(1).innerText()), "a failure is not told in words");
check(/1 result/.test(await at(2).innerText()), "results are not counted");
await page.waitForFunction(() => [...document.querySelectorAll(".history-row:nth-child(2) img:not([hidden])")].every((it) => it instanceof HTMLImageElement && it.naturalWidth > 0));
await clean("the list");
await shoot(page, "history-list");

// However long it is, few rows are elements; the last one is the oldest.
/** @param {string} when */
const few = async (when) => {
  const count = await rows.count();
  check(count > 5 && count < 100, `${count} rows are in the document ${when}`);
  const order = await rows.evaluateAll((all) => all.map((row) => Number(row.getAttribute("aria-posinset"))));
  check(order.every((place, index) => !index || place > (order[index - 1] ?? 0)), `${when} the rows are read in the order ${order}`);
};
await few("at the top");
await page.locator(".history-scroller").evaluate((it) => (it.scrollTop = it.scrollHeight));
await at(TOTAL).getByText("scan-").waitFor();
check((await at(TOTAL).getAttribute("aria-setsize")) === String(TOTAL), "a row does not say how many there are");
await few("at the end");
for (const share of [0.5, 0.48, 0.52, 0.1, 1]) {
  await page.locator(".history-scroller").evaluate((it, to) => (it.scrollTop = to * it.scrollHeight), share);
  await page.waitForFunction(() => {
    const scroller = /** @type {HTMLElement} */ (document.querySelector(".history-scroller"));
    const { left, top, height } = scroller.getBoundingClientRect();
    return document.elementFromPoint(left + 300, top + height / 2)?.closest(".history-row")?.textContent?.includes("scan-");
  });
  await few(`after a jump to ${share}`);
}
await page.waitForFunction((last) => {
  const image = document.querySelector(`.history-row[aria-posinset="${last}"] img`);
  return image instanceof HTMLImageElement && image.naturalWidth === 8;
}, TOTAL);

// The keyboard walks through all of it and is never lost.
await page.locator(".history-scroller").evaluate((it) => (it.scrollTop = 0));
await at(1).locator(".row-title").focus();
await page.keyboard.press("ArrowDown");
await focused(2);
await page.keyboard.press("PageDown");
await page.waitForFunction(() => Number(document.activeElement?.closest(".history-row")?.getAttribute("aria-posinset")) > 6);
await page.keyboard.press("End");
await focused(TOTAL);
await few("with the keyboard at the end");
await page.keyboard.press("ArrowUp");
await focused(TOTAL - 1);
await page.keyboard.press("Home");
await focused(1);
check((await page.locator(".history-row [tabindex='0']").count()) === 4, "more than one row is a stop of the Tab key");
await page.keyboard.press("ArrowDown");
await page.keyboard.press("Tab");
check((await page.evaluate(() => document.activeElement?.textContent)) === "Lineage", "Tab does not lead to what can be done with a row");
// What has the focus stays, wherever one scrolls.
await page.locator(".history-scroller").evaluate((it) => (it.scrollTop = it.scrollHeight));
await at(TOTAL).waitFor();
await focused(2);

// Search: while one types, in the address, and after a reload.
const field = page.getByRole("searchbox", { name: "Search the history" });
await page.locator("body").click({ position: { x: 2, y: 2 } });
await page.keyboard.press("/");
await page.keyboard.type("sunset");
await counted("2 found");
await at(1).getByText("less of the sunset").waitFor();
await at(2).getByText("a Sunset over the cup").waitFor();
await page.waitForFunction(() => location.hash === "#/history?text=sunset");
await page.reload();
await counted("2 found");
check((await field.inputValue()) === "sunset", "the search is not in its field after a reload");
await page.getByRole("combobox", { name: /^Editor/ }).selectOption("krita");
await counted("1 found");
await page.waitForFunction(() => location.hash === "#/history?text=sunset&client=krita");
await page.getByRole("button", { name: "Clear", exact: true }).click();
await counted(`${TOTAL} transforms`);
check(await field.evaluate((it) => it === document.activeElement), "clearing leaves the keyboard nowhere");

// By model, by folder, by day.
await page.getByRole("combobox", { name: /^Model/ }).selectOption("same-16");
await counted("1 found");
await page.getByRole("combobox", { name: /^Model/ }).selectOption("");
await page.getByRole("combobox", { name: /^Folder/ }).selectOption({ label: `…/${watched.split("/").slice(-2).join("/")}` });
await counted("1 found");
await at(1).getByText("IMG_0001.jpg").waitFor();
check(/camera roll/.test(await at(1).innerText()), "a row does not say which folder it is from");
await page.getByRole("combobox", { name: /^Folder/ }).selectOption("");
/** @param {number} days */
const day = (days) => {
  const date = new Date(Date.now() + days * 86_400_000);
  return [date.getFullYear(), date.getMonth() + 1, date.getDate()].map((part) => String(part).padStart(2, "0")).join("-");
};
await page.locator("input[name=from]").fill(day(-1));
await counted(`${TOTAL} found`);
await page.locator("input[name=to]").fill(day(1));
await counted(`${TOTAL} found`);
await page.locator("input[name=to]").fill(day(-1));
await counted("0 found");
await page.getByText("Nothing matches. Try fewer words, another model or a longer time.").waitFor();
await clean("a search without a result");
await page.getByRole("button", { name: "Clear all filters" }).click();
await counted(`${TOTAL} transforms`);
await page.locator("input[name=from]").fill(day(2));
await counted("0 found");
await go("#/history?text=lighthouse");
await counted("1 found");
check((await page.locator("input[name=from]").inputValue()) === "", "another address leaves the old filters");

// Lineage: three steps and a fork, oldest first, walked through with the keyboard.
await at(1).locator(".row-title").focus();
const tree = page.getByRole("tree", { name: "Which picture came from which" });
await tree.getByRole("treeitem").nth(3).waitFor();
const told = await tree.getByRole("treeitem").evaluateAll((items) => items.map((it) => [it.getAttribute("aria-level"), it.getAttribute("aria-selected"), it.querySelector("span > span")?.textContent]));
check(
  JSON.stringify(told) === JSON.stringify([["1", "false", "a Sunset over the cup"], ["2", "true", "and a lighthouse"], ["3", "false", "less of the sunset"], ["3", "false", "a colder sea"]]),
  `the tree is ${JSON.stringify(told)}`,
);
await page.waitForFunction(() => [...document.querySelectorAll(".lineage img")].every((it) => it instanceof HTMLImageElement && it.naturalWidth > 0));
await clean("the lineage");
await shoot(page, "history-lineage");
/** @param {string} id */
const here = (id) => page.waitForFunction((it) => document.activeElement?.getAttribute("href") === `#/compare/${it}`, id);
await tree.getByRole("treeitem", { name: "and a lighthouse" }).focus();
for (const [key, id] of [["ArrowLeft", first.id], ["ArrowRight", second.id], ["ArrowRight", third.id], ["ArrowDown", other.id], ["ArrowLeft", second.id], ["End", other.id], ["Home", first.id]]) {
  await page.keyboard.press(key);
  await here(id);
}
await page.keyboard.press("Enter");
await page.waitForFunction((id) => location.hash.startsWith(`#/compare/${id}`), first.id);
await page.goBack();
await counted("1 found");

// A row leads on: to Compare, to the same ask again, to the next step.
check((await at(1).getByRole("link", { name: "Use again" }).getAttribute("href")) === `#/transform?again=${second.id}`, "a row does not lead to the same ask");
await leads(page, () => at(1).getByRole("button", { name: "Iterate" }).click(), `#/transform?${new URLSearchParams({ from: next.id, transform: second.id })}`);
await page.goBack();
await counted("1 found");
const words = await at(1).locator(".row-facts").boundingBox();
check(words !== null, "there is no row");
await page.mouse.click(words.x + 5, words.y + 5);
await page.waitForFunction((id) => location.hash.startsWith(`#/compare/${id}`), second.id);
await page.goBack();
await counted("1 found");

// New ones announce themselves and move nothing; what runs is told of until it ends.
await go("#/history");
await counted(`${TOTAL} transforms`);
await submit({ intent: "edit", source: await tiny(500), client: "web", prompt: "made meanwhile", models: ["same-8"] });
await submit({ intent: "edit", source: await tiny(501), client: "web", prompt: "a slow one", models: ["slow"], params: { milliseconds: 4000 } });
const fresh = page.getByRole("button", { name: "2 new" });
await fresh.waitFor();
await at(1).getByText("what cannot be").waitFor();
await counted(`${TOTAL} transforms`);
await fresh.click();
await counted(`${TOTAL + 2} transforms`);
await at(1).getByText("a slow one").waitFor();
await at(1).getByText(/Running|Waiting/).waitFor();
await at(1).getByText("1 result").waitFor();
check((await at(1).locator(".row-pictures img:not([hidden])").count()) === 2, "the result of what ran is not shown");

// The daemon goes away and comes back: nothing is lost, and what is asked then is answered.
await daemon.kill();
await page.waitForFunction(() => document.querySelector("#connection")?.textContent?.includes("away"));
await field.fill("lighthouse");
await page.locator(".history-bar .failure").getByText("The daemon cannot be reached").waitFor();
await daemon.startAgain();
await counted("1 found");
await at(1).getByText("and a lighthouse").waitFor();

for (const [name, viewport] of /** @type {const} */ ([["narrow", { width: 360, height: 740 }], ["wide", { width: 2560, height: 1440 }]])) {
  for (const colorScheme of /** @type {const} */ (["light", "dark"])) {
    const fresh = await pairedPage(browser, daemon, { viewport, colorScheme });
    await fresh.page.evaluate(() => void (location.hash = "#/history"));
    await fresh.page.waitForFunction(() => document.querySelectorAll(".history-row img[src]").length > 4);
    await shoot(fresh.page, `history-${name}-${colorScheme}`);
    if (name === "narrow") {
      await fresh.page.locator('.history-row[aria-posinset="4"]').getByRole("button", { name: "Lineage" }).click();
      await fresh.page.getByRole("treeitem").nth(3).waitFor();
      await shoot(fresh.page, `history-${name}-${colorScheme}-lineage`);
      const open = await violations(fresh.page);
      check(!open.length, `axe on the lineage over the list:\n${open.join("\n")}`);
      await fresh.page.getByRole("button", { name: "Close" }).click();
      await fresh.page.locator(".lineage").waitFor({ state: "hidden" });
      await fresh.page.getByRole("button", { name: "Filters" }).click();
      await fresh.page.getByRole("combobox", { name: /^Editor/ }).selectOption("figma");
      await fresh.page.locator(".history-bar [role=status]").getByText("1 found").waitFor();
    }
    const found = await violations(fresh.page);
    check(!found.length, `axe at ${viewport.width}, ${colorScheme}:\n${found.join("\n")}`);
    check(!fresh.problems.length, fresh.problems.join("\n"));
    await fresh.context.close();
  }
}

check(!problems.length, problems.join("\n"));
await browser.close();
await daemon.kill();
process.exit(0);
