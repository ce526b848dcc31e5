/**
 * Everything that can be set: it reaches the ask, only what the ticked models understand is offered, and what cannot be
 * done says why. References, their order and their sets; a picture that grows, and one that becomes larger.
 */
import { check, launch, pairedPage, shoot, violations } from "../lib/browser.mjs";
import { Daemon } from "../lib/daemon.mjs";
import {
  card,
  drawn,
  drawnOther,
  drop,
  finer,
  idle,
  model,
  newest,
  only,
  paste,
  photograph,
  rows,
  stroke,
} from "../lib/transform.mjs";

const daemon = await Daemon.start();
const browser = await launch();
const { page, problems, context } = await pairedPage(browser, daemon);
const go = page.locator(".go");
const reason = page.locator("#why-not");
const intent = (/** @type {string} */ name) => page.getByRole("button", { name, exact: true });
const pressed = (/** @type {string} */ name) =>
  page.getByRole("button", { name, exact: true, pressed: true }).waitFor();
/** Runs what is set and gives what was asked. */
const run = async () => {
  const before = (await newest(daemon))?.id;
  await go.click();
  for (let tries = 0; (await newest(daemon))?.id === before; tries += 1) check(tries < 3000, "nothing was submitted");
  await idle(page);
  return newest(daemon);
};

await page.getByText("Drop a picture here").waitFor();
await drop(page, ".hero", photograph("coffee.png"));
await page.locator(".source").getByText("600×400").waitFor();

// What must stay follows the intent, as far as the models can be told; a press changes it.
await only(page, /^Painting styles/);
await page.getByRole("combobox", { name: "Style" }).selectOption("candy-ink");
await pressed("Pose");
await pressed("Composition");
check(
  await page.getByRole("button", { name: "Subject", exact: true }).isDisabled(),
  "a model is told what it does not understand",
);
await page.getByRole("button", { name: "Colours", exact: true }).click();
await pressed("Colours");
await page.getByRole("button", { name: "Pose", exact: true }).click();

// Two styles are blended by weight; strength and the model's own parameter come from More.
await page.getByRole("combobox", { name: "Style" }).selectOption("starlit-blue");
await page.getByLabel("Share of Candy ink").fill("0.25");
await (await finer(page, "Strength")).fill("0.6");
await (
  await finer(page, "Brush")
)
  .selectOption("large")
  .catch(async () => (await finer(page, "Brush")).selectOption({ index: 0 }));
check((await page.locator("details.finer").getByLabel("Seed").count()) === 0, "a seed is offered that no model takes");
check((await page.locator("details.finer").getByLabel("Feather").count()) === 0, "a feather is offered without a mask");
await page.getByRole("button", { name: /^Brush: paint/ }).click();
await stroke(page, [0.4, 0.4], [0.6, 0.6]);
await (await finer(page, "Feather")).fill("3");
await (await finer(page, "Context")).fill("25");
await page.keyboard.press("Tab");
check((await violations(page)).length === 0, (await violations(page)).join("\n"));
await shoot(page, "transform-settings");
let { ask, jobs } = await run();
check(ask.keep.join() === "composition,colours", `it keeps ${ask.keep}`);
check(
  JSON.stringify(ask.style) === '[{"name":"candy-ink","weight":0.25},{"name":"starlit-blue","weight":1.0}]' ||
    (ask.style.length === 2 && ask.style[0].weight === 0.25),
  JSON.stringify(ask.style),
);
check(ask.strength === 0.6 && ask.feather === 3 && ask.context === 0.25, JSON.stringify(ask));
check(Object.keys(ask.params).join() === "local-style:brush", `its parameters are ${Object.keys(ask.params)}`);
check(jobs[0].state === "done", `it is ${jobs[0].state}`);

// More remembers that it was unfolded; what was set is there after a reload.
await page.reload();
await page.locator("details.finer[open]").waitFor();
check((await (await finer(page, "Feather")).inputValue()) === "3", "the feather is gone");
await (await finer(page, "Feather")).fill("");
await (await finer(page, "Context")).fill("");
await page.getByRole("button", { name: "As usual" }).click();

// Erasing needs a mask, and says so; with one it runs.
await page.getByRole("button", { name: "Clear the mask" }).click();
await intent("Erase").click();
await reason.filter({ hasText: /needs a mask/ }).waitFor();
check((await go.getAttribute("aria-disabled")) === "true", "it can be pressed without a mask");
await page.getByRole("button", { name: "Rectangle by numbers" }).click();
for (const [side, value] of [
  ["Left", "100"],
  ["Top", "80"],
  ["Width", "200"],
  ["Height", "120"],
])
  await page.locator(".rectangle").getByLabel(String(side), { exact: true }).fill(String(value));
await page.getByRole("button", { name: "Add", exact: true }).click();
await page.locator(".source").getByText("mask 200×120").waitFor();
await only(page, /^Fixture same-8/);
await page.locator('.go[aria-disabled="false"]').waitFor();
({ ask } = await run());
const mask = await rows(daemon, ask.mask, "gray8");
let painted = 0;
for (let y = 0; y < mask.height; y += 1) {
  for (let x = 0; x < mask.width; x += 1) {
    const inside = x >= 100 && x < 300 && y >= 80 && y < 200;
    if (mask.pixels[y * mask.width + x] === (inside ? 255 : 0)) painted += 1;
  }
}
check(ask.intent === "erase" && painted === 600 * 400, `${600 * 400 - painted} pixels of the mask are wrong`);
await page.getByRole("button", { name: "Take away" }).click();
await page.waitForFunction(() => !document.querySelector(".source .about")?.textContent?.includes("mask"));

// A picture grows: by a quarter, or as somebody says; what it would cover is outlined, and the result is as large.
const whole = await drawn(page);
await intent("Expand").click();
await drawnOther(page, whole, "the outline of what it grows to");
const margins = page.getByRole("group", { name: "By how many pixels the picture grows" });
check((await margins.getByLabel("Right").inputValue()) === "150", "it does not grow by a quarter");
await margins.getByLabel("Left").fill("0");
await margins.getByLabel("Top").fill("10");
await page.keyboard.press("Tab");
await only(page, /^Fixture same-8/);
await shoot(page, "transform-expand");
({ ask, jobs } = await run());
check(
  JSON.stringify([ask.expand.top, ask.expand.right, ask.expand.bottom, ask.expand.left]) === "[10,150,100,0]",
  JSON.stringify(ask.expand),
);
check(
  jobs[0].artifacts[0].width === 750 && jobs[0].artifacts[0].height === 510,
  `it grew to ${jobs[0].artifacts[0].width}`,
);
await page.locator(".result.shown").filter({ hasText: "same-8" }).waitFor();
await page.keyboard.press("i");
await page.locator(".source").getByText("750×510").waitFor();
await page.getByRole("button", { name: "Back to coffee.png" }).click();

// It becomes twice as large.
await drop(page, ".hero", photograph("chelsea.png"));
await page.locator(".source").getByText("451×300").waitFor();
await intent("Enhance").click();
await only(page, /^Enhance/);
await (await finer(page, "Enlarge")).selectOption("2");
({ ask, jobs } = await run());
check(ask.scale === 2 && jobs[0].artifacts[0].width === 902, `it is ${jobs[0].artifacts[0]?.width} wide`);
await page.locator(".result.shown").filter({ hasText: "Enhance" }).waitFor();
// 100 % is a pixel of the result.
await page.keyboard.press("z");
await page.getByRole("button", { name: /^Zoom 100 %/ }).waitFor();
await page.keyboard.press("Escape");
await page.getByRole("button", { name: /^Zoom 200 %/ }).waitFor();
await page.keyboard.press("f");

// A model that needs a reference says so until it has one.
await intent("Restyle").click();
await page
  .locator("[data-model=local-style-reference] .reason")
  .filter({ hasText: "Needs at least 1 reference" })
  .waitFor();
await only(page, /^Style from a reference/);
await reason.filter({ hasText: "Needs at least 1 reference" }).waitFor();
const references = page.locator(".references li");
await page.locator("input[name=reference]").setInputFiles([photograph("coffee.png"), photograph("rocket.jpg")]);
await references.nth(1).waitFor();
await page.locator('.go[aria-disabled="false"]').waitFor();
const section = page.getByRole("region", { name: "References" });
await section.getByRole("button", { name: "Add files…" }).focus();
await paste(page, ":focus", photograph("astronaut.png"));
await references.nth(2).waitFor();
check((await page.locator(".source").innerText()).includes("chelsea.png"), "a pasted reference became the source");
const order = () => references.locator("img").evaluateAll((images) => images.map((image) => image.getAttribute("alt")));
check(
  (await order()).join() === "Reference 1: coffee.png,Reference 2: rocket.jpg,Reference 3: astronaut.png",
  `${await order()}`,
);
await page.getByRole("button", { name: "Move reference 1, coffee.png back" }).click();
await page.waitForFunction(
  () => document.querySelector(".references img")?.getAttribute("alt") === "Reference 1: rocket.jpg",
);
await references.nth(2).dragTo(references.nth(0));
await page.waitForFunction(
  () => document.querySelector(".references img")?.getAttribute("alt") === "Reference 1: astronaut.png",
);
check(
  (await order()).join() === "Reference 1: astronaut.png,Reference 2: rocket.jpg,Reference 3: coffee.png",
  `${await order()}`,
);

// They are kept under a name, taken out one by one, and come back by that name.
await page.getByLabel("Name of the reference set").fill("Moods");
await page.getByRole("button", { name: "Save as set" }).click();
const sets = page.getByRole("combobox", { name: "Reference set" });
await sets.locator("option").filter({ hasText: "Moods (3)" }).waitFor({ state: "attached" });
await page.getByRole("button", { name: "Take out reference 3, coffee.png" }).click();
await page.getByRole("button", { name: "Take out reference 2, rocket.jpg" }).click();
check((await order()).length === 1, `${await order()} stay`);
await sets.selectOption("");
await sets.selectOption("Moods");
await references.nth(2).waitFor();
check((await violations(page)).length === 0, (await violations(page)).join("\n"));
await shoot(page, "transform-references");
({ ask, jobs } = await run());
check(ask.references.length === 3 && jobs[0].state === "done", `${ask.references.length} references, ${jobs[0].state}`);
await page.getByRole("button", { name: "Forget the set" }).click();
await sets.locator("option").filter({ hasText: "No sets yet" }).waitFor({ state: "attached" });
check((await daemon.call("reference.list")).sets.length === 0, "the set is still there");

// From the history, and a result itself.
await page.getByRole("button", { name: "From the history…" }).click();
await page.getByRole("dialog", { name: "From the history" }).locator(".pick button").first().click();
await references.nth(3).waitFor();
await page.locator(".result.shown").getByRole("button", { name: "As a reference" }).click();
check((await order()).length === 4, "the same picture is there twice");
for (let left = 4; left > 0; left -= 1) await page.getByRole("button", { name: /^Take out reference 1,/ }).click();
await card(page, "same-8").first().locator(".show").click();
await page.locator(".result.shown").getByRole("button", { name: "As a reference" }).click();
await references.nth(0).waitFor();

// Auto by another preference is asked as such.
await only(page, /^Auto/);
await page.getByRole("combobox", { name: "What Auto looks at most" }).selectOption("speed");
await model(page, /^Auto picks /).waitFor();
await page.locator('.go[aria-disabled="false"]').waitFor();
({ ask } = await run());
check(ask.models.join() === "auto:speed", `it asked for ${ask.models}`);

// A result is dragged among the references.
await only(page, /^Style from a reference/);
await page.getByRole("button", { name: /^Take out reference 1,/ }).click();
await card(page, "same-8")
  .first()
  .evaluate((result) => {
    const options = { bubbles: true, cancelable: true, dataTransfer: new DataTransfer() };
    result.dispatchEvent(new DragEvent("dragstart", options));
    const place = document.querySelector("[name=reference]");
    // Whoever lets nothing be dropped says so by leaving the browser's own answer.
    if (!place?.dispatchEvent(new DragEvent("dragover", options))) place?.dispatchEvent(new DragEvent("drop", options));
  });
await references.nth(0).waitFor();

// What costs is told before it is sent: the button carries the sum.
await page.route("**/rpc", async (route) => {
  const method = route.request().postDataJSON()?.method;
  if (method !== "transform.plan") return route.continue();
  const answer = await (await route.fetch()).json();
  for (const job of answer.result.jobs) Object.assign(job, { cost: 0.055, currency: "USD" });
  return route.fulfill({ json: answer });
});
await only(page, /^Fixture same-8/, /^Fixture same-16/);
await go.filter({ hasText: /^Transform · 2 models · 0\.11 USD$/ }).waitFor();
await page.locator("[data-model=same-8] .chip").filter({ hasText: "0.06 USD" }).waitFor();
await page.unrouteAll({ behavior: "ignoreErrors" });

// What is older is a press away.
const source = ask.source;
const before = (await daemon.call("transform.list", { client: "web", limit: 500 })).transforms.length;
for (let made = before; made < 25; made += 1) {
  await daemon.call("transform.submit", {
    key: `older ${made}`,
    ask: { intent: "restyle", source, models: ["invert"], client: "web" },
  });
}
await page.reload();
const shown = page.locator(".result");
await shown.nth(19).waitFor();
check((await shown.count()) < 25, "everything is listed at once");
await page.getByRole("button", { name: "Show older" }).click();
await shown.nth(24).waitFor();
check(await page.getByRole("button", { name: "Show older" }).isHidden(), "there is nothing older");

check(problems.length === 0, problems.join("\n"));
await context.close();
await browser.close();
await daemon.kill();
