/** What was spent: nothing at first; then by model, as it happens, with totals and caps. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { check, launch, pairedPage, shoot, violations } from "../lib/browser.mjs";
import { Daemon } from "../lib/daemon.mjs";

const daemon = await Daemon.start();
mkdirSync(join(daemon.data, "config/models"), { recursive: true });
writeFileSync(
  join(daemon.data, "config/models/invert.toml"),
  '[[models]]\nid = "invert"\nprice = { per_picture = 0.04, currency = "USD", as_of = "2026-11-23" }\n\n[[models]]\nid = "invert-dear"\nlike = "invert"\nlabel = "Invert, dear"\nprice = { per_picture = 0.12, currency = "USD", as_of = "2026-11-23" }\n\n[[models]]\nid = "invert-euro"\nlike = "invert"\nlabel = "Invert in euros"\nprice = { per_picture = 0.5, currency = "EUR", as_of = "2026-11-23" }\n',
);
const browser = await launch();
const { page, problems } = await pairedPage(browser, daemon);
await page.goto(`${daemon.url}/#/spend`);
await page.getByText("Nothing was spent within 30 days. Models that are built in are free.").waitFor();
await page.getByText("There is none").waitFor();
check((await violations(page)).length === 0, (await violations(page)).join("\n"));

// Jobs are paid for while somebody looks on: the table follows by itself.
const source = await daemon.upload("tests/data/coffee.png");
/** @param {string} key @param {string[]} models */
const spend = (key, models) => daemon.call("transform.submit", { key, ask: { intent: "restyle", source, models } });
await spend("spend-1", ["invert"]);
const row = (/** @type {string} */ name) => page.getByRole("row").filter({ has: page.getByRole("rowheader", { name, exact: true }) });
await row("Invert").getByText("0.040 USD").waitFor();
await spend("spend-2", ["invert", "invert-dear", "invert-euro"]);
await row("Invert").getByText("0.080 USD").waitFor();
await row("Invert, dear").getByText("0.120 USD").waitFor();
// Amounts of different currencies are never added.
await row("In all, USD").getByText("0.200 USD").waitFor();
await row("In all, EUR").getByText("0.500 EUR").waitFor();
const names = await page.getByRole("rowheader").allInnerTexts();
check(names.indexOf("Invert, dear") < names.indexOf("Invert"), `the dearest is not first: ${names.join(", ")}`);
check((await row("Invert").getByRole("meter").getAttribute("aria-label")) === "Beside the dearest model: 67 %", "the bar does not say how long it is");

// Caps that a terminal sets show when somebody comes back to the page.
await daemon.call("budget.set", { amount: 0.22 });
await page.evaluate(() => dispatchEvent(new Event("focus")));
await page.getByText("0.200 of 0.22 USD within 24 hours").waitFor();
const meter = page.getByRole("meter", { name: /^Everything/ });
check(Math.abs(Number(await meter.getAttribute("value")) - 0.2) < 1e-6 && (await meter.getAttribute("max")) === "0.22", "the meter shows another amount");
check((await violations(page)).length === 0, (await violations(page)).join("\n"));
await shoot(page, "spend");

// How far back is in the address, so that a reload and the way back keep it.
await page.getByRole("radio", { name: "7 days" }).check();
await page.waitForURL(/days=7$/);
await page.getByRole("radio", { name: "7 days" }).press("ArrowLeft");
await page.waitForURL(/days=1$/);
await row("Invert").getByText("0.080 USD").waitFor();
await page.reload();
await row("Invert").getByText("0.080 USD").waitFor();
check(await page.getByRole("radio", { name: "24 hours" }).isChecked(), "a reload forgets how far back was asked for");
await page.goBack();
await page.waitForFunction(() => /** @type {HTMLInputElement | null} */ (document.querySelector("input[value='7']"))?.checked);

// On a telephone the rows are blocks, and still a table to whoever hears it.
await page.setViewportSize({ width: 360, height: 740 });
await row("Invert, dear").getByRole("cell", { name: /0\.120 USD/ }).first().waitFor();
check((await page.getByRole("columnheader").count()) === 7, "the table has lost its columns");
check((await violations(page)).length === 0, (await violations(page)).join("\n"));

check(problems.length === 0, problems.join("\n"));
await browser.close();
process.exit(0);
