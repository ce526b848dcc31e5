/**
 * What runs, whatever happens meanwhile: progress, previews and failures; cancelling; a page that is loaded anew; an answer
 * that is lost; a daemon that is killed under the page; recipes.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { check, launch, pairedPage, shoot, violations } from "../lib/browser.mjs";
import { Daemon } from "../lib/daemon.mjs";
import { card, difference, drawn, drawnOther, drop, finer, idle, newest, only, photograph } from "../lib/transform.mjs";

const daemon = await Daemon.start();
const recipes = join(daemon.data, "config/recipes");
mkdirSync(recipes, { recursive: true });
writeFileSync(
  join(recipes, "there-and-back.easel.toml"),
  'title = "There and back"\ndescription = "Inverts, and inverts again"\n\n[[step]]\nintent = "restyle"\nmodel = "invert"\n\n[[step]]\nintent = "restyle"\nmodel = "slow"\nparams = { milliseconds = 2500 }\n',
);
writeFileSync(join(recipes, "broken.easel.toml"), 'title = "Broken"\nintent = "restyle"\nmodels = "invert"\n');
const browser = await launch();
const { page, problems, context } = await pairedPage(browser, daemon);
const go = page.locator(".go");
const bar = page.locator(".running > progress");
const done = async () => (await bar.evaluate((it) => /** @type {HTMLProgressElement} */ (it).value)) ?? 0;
/** Waits until it has come so far. @param {number} share */
const reaches = (share) =>
  page.waitForFunction(
    (share) =>
      Number(/** @type {HTMLProgressElement | null} */ (document.querySelector(".running > progress"))?.value) > share,
    share,
  );
const count = async () => (await daemon.call("transform.list", { limit: 500 })).transforms.length;
const running = () => page.getByRole("button", { name: "Cancel", exact: true }).first().waitFor();

await page.getByText("Drop a picture here").waitFor();
await drop(page, ".hero", photograph("chelsea.png"));
await page.locator(".source").getByText("451×300").waitFor();

// A slow job: progress, what it does, how long it has been; then it is cancelled.
await only(page, /^Fixture slow/);
const milliseconds = async (/** @type {number} */ number) => {
  const field = await finer(page, "Milliseconds");
  await field.fill(String(number));
  await field.press("Tab");
};
await milliseconds(60_000);
await go.click();
await running();
await page.locator(".running .stage").filter({ hasText: "Waiting" }).waitFor();
await reaches(0.005);
const elapsed = page.locator(".running .row .number");
const early = await elapsed.innerText();
await page.waitForFunction((early) => document.querySelector(".running .row .number")?.textContent !== early, early);
check(/^\d+(\.\d)? s$/.test(await elapsed.innerText()), `the time is told as ${await elapsed.innerText()}`);
check((await violations(page)).length === 0, (await violations(page)).join("\n"));
await shoot(page, "transform-running");
await go.click();
await page.locator(".action .line").filter({ hasText: "Cancelled" }).waitFor();
await idle(page);
const cancelled = await newest(daemon);
check(cancelled.jobs[0].state === "cancelled", `the job is ${cancelled.jobs[0].state}`);
await card(page, "Fixture slow: cancelled").waitFor();

// One of two is cancelled; the other goes on to its end.
await only(page, /^Fixture slow/, /^Invert/);
await go.click();
await page.getByRole("button", { name: "Cancel Fixture slow" }).click();
await page.locator(".result.shown").filter({ hasText: "Invert" }).waitFor();
await idle(page);
check(
  (await newest(daemon)).jobs
    .map((/** @type {any} */ job) => job.state)
    .sort()
    .join() === "cancelled,done",
  "not the one job was cancelled",
);

// The page is loaded anew in the middle of a job: it goes on, and nothing is sent again.
await only(page, /^Fixture slow/);
await milliseconds(6000);
let before = await count();
await go.click();
await running();
await reaches(0.1);
const reached = await done();
await page.reload();
await running();
await reaches(reached);
await page.locator(".result.shown").filter({ hasText: "Fixture slow" }).waitFor();
await idle(page);
check((await count()) === before + 1, "the reload sent it again");

// The answer to a submission is lost, and then the page is loaded anew: the daemon has it once.
before = await count();
let lost = 0;
await page.route("**/rpc", async (route) => {
  const method = route.request().postDataJSON()?.method;
  if (method !== "transform.submit") return route.continue();
  await route.fetch();
  lost += 1;
  // Nothing comes back.
  return undefined;
});
await milliseconds(3000);
await go.click();
await page.locator(".running .stage").filter({ hasText: "Sending" }).waitFor();
for (let tries = 0; lost === 0; tries += 1) {
  check(tries < 600, "nothing was submitted");
  await page.waitForFunction(() => new Promise((resolve) => requestAnimationFrame(() => resolve(true))));
}
await page.unrouteAll({ behavior: "ignoreErrors" });
await page.reload();
await page.locator(".result.shown").filter({ hasText: "Fixture slow" }).waitFor();
await idle(page);
check((await count()) === before + 1, "a lost answer made it two");

// The daemon is killed under the open page, and comes back on its port: the job goes on, the page with it.
before = await count();
await milliseconds(5000);
await go.click();
await running();
await reaches(0.1);
await daemon.kill();
await page.getByText("The daemon is away").waitFor();
await daemon.startAgain();
await page.waitForFunction(() => document.querySelector("#connection")?.textContent === "");
await page.locator(".result.shown").filter({ hasText: "Fixture slow" }).waitFor();
await idle(page);
const survived = await newest(daemon);
check(
  (await count()) === before + 1 && survived.jobs[0].state === "done",
  `after the kill there are ${await count()} transforms, the last ${survived.jobs[0].state}`,
);

// While the daemon is away nothing can be sent, and the button says why.
await daemon.kill();
await page.locator("#why-not").filter({ hasText: "The daemon is away" }).waitFor();
check((await go.getAttribute("aria-disabled")) === "true", "it can be pressed though nobody is there");
await daemon.startAgain();
await page.locator('.go[aria-disabled="false"]').waitFor();

// Previews are shown over the picture as they come.
await only(page, /^Fixture previewer/);
await milliseconds(2500);
let picture = await drawn(page);
await go.click();
await page.locator(".hero-caption").filter({ hasText: "Preview" }).waitFor();
for (const colour of ["the first", "the second", "the third"])
  picture = await drawnOther(page, picture, `${colour} preview`);
await shoot(page, "transform-preview");
await page.locator(".result.shown").filter({ hasText: "Fixture previewer" }).waitFor();
await idle(page);

// A failure stands where it happened, with what can be done; the other model's picture is there all the same.
await only(page, /^Fixture error-text/, /^Invert/);
await go.click();
await idle(page);
await page.locator(".action .line").filter({ hasText: "1 model gave no picture" }).waitFor();
const failed = card(page, "This is the text of status -6").first();
await failed.waitFor();
check((await violations(page)).length === 0, (await violations(page)).join("\n"));
await shoot(page, "transform-failed");
/** @param {number} wanted */
const tried = async (wanted) => {
  for (let tries = 0; ; tries += 1) {
    const { id, jobs } = await newest(daemon);
    const job = jobs.find((/** @type {any} */ job) => job.model === "error-text");
    const { events } = await daemon.call("job.events", { transform: id });
    const started = events.filter((/** @type {any} */ it) => it.job === job.id && it.event === "started").length;
    if (started === wanted && job.state === "failed") return;
    check(started <= wanted && tries < 600, `it was tried ${started} times, and is ${job.state}`);
    await page.waitForFunction(() => new Promise((resolve) => requestAnimationFrame(() => resolve(true))));
  }
};
await tried(1);
await failed.getByRole("button", { name: "Retry" }).click();
await tried(2);
await idle(page);
await failed.getByRole("button", { name: "Retry" }).waitFor();

// What may have been charged is asked for in place, and paid again only then.
/** @type {boolean[]} */
const paid = [];
await page.route("**/rpc", async (route) => {
  const asked = route.request().postDataJSON();
  if (asked?.method !== "job.retry") return route.continue();
  paid.push(asked.params.pay_again);
  if (asked.params.pay_again) return route.continue();
  const failure = { kind: "conflict", message: "this job may have been charged, and would be charged again" };
  return route.fulfill({
    json: { jsonrpc: "2.0", id: 1, error: { code: -32000, message: failure.message, data: failure } },
  });
});
await failed.getByRole("button", { name: "Retry" }).click();
const asks = card(page, "may have been charged");
await asks.getByRole("button", { name: "Leave it" }).click();
await failed.getByRole("button", { name: "Retry" }).click();
await asks.getByRole("button", { name: "Pay again" }).click();
await tried(3);
await idle(page);
check(paid.join() === "false,false,true", `it was paid ${paid}`);
await page.unrouteAll({ behavior: "ignoreErrors" });

// Somebody else's transform is followed by its address.
const blob = await daemon.upload("tests/data/coffee.png");
const other = await daemon.call("transform.submit", {
  key: "of-a-script",
  ask: { intent: "restyle", source: blob, models: ["slow"], client: "cli", params: { milliseconds: 4000 } },
});
await page.goto(`${daemon.url}/#/transform?job=${other.id}`);
await running();
await page.locator(".result.shown").filter({ hasText: "Fixture slow" }).waitFor();
await idle(page);

// A recipe: what it does is said before, all of its steps run, and it goes on over a reload.
const menu = page.getByRole("combobox", { name: "Recipe" });
await menu.selectOption({ label: "There and back · 2 steps · 1 picture · free" });
check(
  (await menu.locator("option").filter({ hasText: "Broken" }).getAttribute("disabled")) !== null,
  "a broken recipe can be chosen",
);
await page.getByText("Inverts, and inverts again.").waitFor();
await page.getByText("Restyle → Restyle · Invert, Fixture slow").waitFor();
check(
  await page.getByRole("textbox", { name: "What should change" }).isHidden(),
  "a recipe leaves open what should change",
);
await go.filter({ hasText: "Run recipe · 1 picture" }).waitFor();
check((await violations(page)).length === 0, (await violations(page)).join("\n"));
await go.click();
await page.locator(".running .stage").filter({ hasText: "1 of 2 done" }).waitFor();
await shoot(page, "transform-recipe");
await page.reload();
await running();
await page.locator(".result.shown").filter({ hasText: "Fixture slow" }).waitFor();
await idle(page);
const last = await newest(daemon);
check(last.key.includes(".") && last.jobs[0].model === "slow", `the last transform is ${last.key}`);
// There and back again is the picture that it was.
const turned = await difference(daemon, last.jobs[0].artifacts[0], {
  source: (await daemon.call("transform.list", { limit: 2 })).transforms[1].ask.source,
});
check(turned.inside === 0, `${turned.inside} pixels are others there and back`);

// Again, inside of a mask, and it is cancelled on its way.
await drop(page, ".hero", photograph("astronaut.png"));
await page.locator(".source").getByText("512×512").waitFor();
await page.getByRole("button", { name: "Rectangle by numbers" }).click();
await page.getByRole("button", { name: "Add", exact: true }).click();
await page.locator(".source").getByText("mask 256×256").waitFor();
await go.click();
await page.locator(".running .stage").filter({ hasText: "1 of 2 done" }).waitFor();
await go.click();
await page.locator(".action .line").filter({ hasText: "Cancelled" }).waitFor();
await page.getByText("What was made before is in the results.").waitFor();
await idle(page);
check((await newest(daemon)).ask.mask !== undefined, "the mask was not sent with the recipe");

check(problems.length === 0, problems.join("\n"));
await context.close();
await browser.close();
await daemon.kill();
