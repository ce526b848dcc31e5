/**
 * Transform as a person uses it: a photograph is dropped, a mask painted, two models ticked and run; what was not painted
 * has every bit it had. Then the results: shown, held against the source, discarded and taken back, iterated from.
 */
import { check, launch, pairedPage, shoot, violations } from "../lib/browser.mjs";
import { Daemon } from "../lib/daemon.mjs";
import {
  card,
  difference,
  drawn,
  drawnOther,
  drop,
  dropText,
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
const axe = async (/** @type {string} */ when) => {
  const found = await violations(page);
  check(found.length === 0, `${when}:\n${found.join("\n")}`);
};
const go = page.locator(".go");
/** How many bytes of a mask the browser keeps. */
const keptMask = () =>
  page.evaluate(
    () =>
      new Promise((resolve) => {
        const opening = indexedDB.open("easel", 1);
        opening.onsuccess = () => {
          const asked = opening.result.transaction("masks").objectStore("masks").get("mask");
          asked.onsuccess = () => (opening.result.close(), resolve(asked.result?.rows.length));
        };
      }),
  );

// Nothing is there: the view teaches one thing, and the button says what is missing.
await page.getByText("Drop a picture here, paste it, or choose a file.").waitFor();
await page.locator("#why-not").filter({ hasText: "Choose a picture, say what should change" }).waitFor();
await axe("empty");
await shoot(page, "transform-empty");

// What is no picture is refused in the daemon's words, where it was dropped.
await dropText(page, ".hero", "letter.txt", "Dear Sir or Madam");
await page
  .locator(".source + .from + .line.failure")
  .filter({ hasText: /no picture|not a picture/i })
  .waitFor();

// Of two files the first is taken, and it is said.
await drop(page, ".hero", photograph("coffee.png"), photograph("chelsea.png"));
const source = page.locator(".source");
await source.getByText("coffee.png").waitFor();
await source.getByText("600×400").waitFor();
await page.getByText("2 files came: this is the first").waitFor();
let before = await drawnOther(page, await drawn(page).catch(() => 0), "a dropped picture").catch(() => drawn(page));

// Auto says what it picked and why.
await model(page, /^Auto picks /).waitFor();

// A mask, painted with a hard brush; a stroke is taken back and done again.
await page.getByRole("button", { name: /^Brush: paint/ }).click();
await page.getByLabel("Softness of the brush").fill("0");
await page.getByLabel("Brush size").fill("550");
await stroke(page, [0.4, 0.4], [0.6, 0.5]);
await source.getByText(/mask \d+×\d+/).waitFor();
const one = await source.getByText(/mask/).innerText();
await stroke(page, [0.3, 0.7], [0.5, 0.7]);
await page.waitForFunction(
  (text) => document.querySelector(".source .about")?.textContent?.includes(text) === false,
  one,
);
await page.keyboard.press("Control+z");
await source.getByText(one).waitFor();
await page.keyboard.press("Control+Shift+z");
await page.waitForFunction(
  (text) => document.querySelector(".source .about")?.textContent?.includes(text) === false,
  one,
);
await page.keyboard.press("Control+z");
await source.getByText(one).waitFor();
// The eraser, by its key, takes away in the middle.
await page.keyboard.press("x");
await page.getByRole("button", { name: "Eraser (x)", pressed: true }).waitFor();
await page.keyboard.press("[");
await page.keyboard.press("[");
await stroke(page, [0.5, 0.44], [0.5, 0.46]);
await axe("painting");
await shoot(page, "transform-mask");

// The wheel zooms where it points, the middle button and space move the picture, two fingers do both; none of it paints.
const erased = await source.getByText(/mask/).innerText();
const percent = page.locator(".percent");
const fitted = await percent.innerText();
const hero = await page.locator(".hero").boundingBox();
check(hero !== null, "there is no picture");
const middle = { x: hero.x + hero.width / 2, y: hero.y + hero.height / 2 };
/** @param {"left" | "middle"} button */
const drag = async (button) => {
  const seen = await drawn(page);
  await page.mouse.move(middle.x, middle.y);
  await page.mouse.down({ button });
  await page.mouse.move(middle.x + 60, middle.y + 40, { steps: 4 });
  await page.mouse.up({ button });
  await drawnOther(page, seen, `a drag with the ${button} button`);
};
await page.mouse.move(middle.x, middle.y);
await page.mouse.wheel(0, -480);
await page.waitForFunction((text) => document.querySelector(".percent")?.textContent !== text, fitted);
await drag("middle");
await page.keyboard.down(" ");
await drag("left");
await page.keyboard.up(" ");
const zoomed = await percent.innerText();
const touch = await context.newCDPSession(page);
const fingers = (/** @type {number} */ apart) => [
  { x: middle.x - apart, y: middle.y, id: 1 },
  { x: middle.x + apart, y: middle.y, id: 2 },
];
await touch.send("Input.dispatchTouchEvent", { type: "touchStart", touchPoints: fingers(40).slice(0, 1) });
await touch.send("Input.dispatchTouchEvent", { type: "touchStart", touchPoints: fingers(40) });
for (const apart of [50, 60, 80])
  await touch.send("Input.dispatchTouchEvent", { type: "touchMove", touchPoints: fingers(apart) });
await touch.send("Input.dispatchTouchEvent", { type: "touchEnd", touchPoints: [] });
await page.waitForFunction((text) => document.querySelector(".percent")?.textContent !== text, zoomed);
await page.keyboard.press("f");
await percent.filter({ hasText: fitted }).waitFor();
check((await source.getByText(/mask/).innerText()) === erased, "moving the picture painted on it");

// Two models: what each costs and takes is seen before anything is sent.
await only(page, /^Painting styles/, /^Invert/);
await page.getByLabel("Style", { exact: true }).selectOption("warm-oil");
for (const name of ["local-style", "invert"])
  await page.locator(`[data-model=${name}] .chip`).filter({ hasText: "free" }).waitFor();
await page
  .locator("[data-model=local-style] .chip")
  .filter({ hasText: /^about / })
  .waitFor();
await go.filter({ hasText: "Transform · 2 models" }).waitFor();
await axe("ready");
await shoot(page, "transform-ready");
const painted = await drawn(page);
await go.click();
await card(page, "Painting styles").locator(".show").waitFor();
await card(page, "Invert").locator(".show").waitFor();
await idle(page);

// The first is shown at once, in the place of the source.
await page.locator(".result.shown").filter({ hasText: "Painting styles" }).waitFor();
await page
  .locator(".hero-caption")
  .filter({ hasText: /Painting styles.*warm oil.*free/ })
  .waitFor();
const shown = await drawnOther(page, painted, "a result");
await axe("results");
await shoot(page, "transform-results");
const record = await newest(daemon);
check(record.ask.models.length === 2 && record.ask.client === "web", JSON.stringify(record.ask));
check(record.ask.style[0].name === "warm-oil", "the style was not sent");

// Hard strokes leave 0 and 255 and nothing between; outside of them not one bit changed.
const mask = (await rows(daemon, record.ask.mask, "gray8")).pixels;
const values = new Set(mask);
check(values.size === 2 && values.has(0) && values.has(255), `the mask has the values ${[...values].slice(0, 9)}`);
for (const job of record.jobs) {
  const { outside, inside } = await difference(daemon, job.artifacts[0], record.ask);
  check(outside === 0, `${job.model}: ${outside} pixels changed outside of the mask`);
  check(inside > 100, `${job.model}: only ${inside} pixels changed`);
}

// Space holds the source as long as it is down; the numbers choose.
await page.keyboard.down(" ");
const held = await drawnOther(page, shown, "space");
await page
  .locator(".hero-caption")
  .filter({ hasText: /^Source$/ })
  .waitFor();
await page.keyboard.up(" ");
check((await drawnOther(page, held, "space, let go")) === shown, "the result is another after the source was held");
await page.keyboard.press("2");
await page.locator(".result.shown").filter({ hasText: "Invert" }).waitFor();
await drawnOther(page, shown, "another result");
await page.keyboard.press("ArrowLeft");
await page.locator(".result.shown").filter({ hasText: "Painting styles" }).waitFor();

// It is discarded, and taken back in the same place.
await card(page, "Painting styles").getByRole("button", { name: "Discard" }).click();
await page.getByText("Discarded Painting styles (local)").waitFor();
check((await daemon.call("transform.get", { id: record.id })).jobs[0].artifacts[0].discarded, "it is not discarded");
await page.getByRole("button", { name: "Undo", exact: true }).click();
await card(page, "Painting styles").locator(".show").waitFor();
await page.waitForFunction(() => !document.querySelector(".results")?.textContent?.includes("Discarded"));
check(!(await daemon.call("transform.get", { id: record.id })).jobs[0].artifacts[0].discarded, "it is not restored");

// It is saved as a file.
await page.keyboard.press("1");
const [download] = await Promise.all([
  page.waitForEvent("download"),
  page.getByRole("button", { name: "Download" }).click(),
]);
check(/\.png$/.test(download.suggestedFilename()), `it is saved as ${download.suggestedFilename()}`);

// Iterating: the whole picture is the next source, what was to stay then is to stay now, and there is a way back.
const masked = await source.getByText(/mask \d+/).innerText();
await page.keyboard.press("i");
await page
  .locator(".from .chip")
  .filter({ hasText: /from Painting styles.*warm oil/ })
  .waitFor();
await source.getByText("600×400").waitFor();
check(
  (await source.getByText(/mask \d+/).innerText()).includes(/mask \d+×\d+/.exec(masked)?.[0] ?? "none"),
  "the mask was not taken over",
);
await shoot(page, "transform-iterate");
await only(page, /^Invert/);
await go.click();
await page.locator(".result.shown").filter({ hasText: "Invert" }).waitFor();
await idle(page);
const second = await newest(daemon);
check(
  second.id !== record.id && second.ask.parent === record.jobs[0].artifacts[0].id,
  `its parent is ${second.ask.parent}`,
);
const iterated = await difference(daemon, second.jobs[0].artifacts[0], second.ask);
check(
  iterated.outside === 0 && iterated.inside > 100,
  `an iteration changed ${iterated.outside} pixels outside of the mask`,
);
// The source of an iteration is the earlier result, whole: where neither changed, it is the photograph.
const [grandparent, parent] = [await rows(daemon, record.ask.source), await rows(daemon, second.ask.source)];
for (let pixel = 0; pixel < mask.length; pixel += 1) {
  if (mask[pixel] === 0 && grandparent.pixels.readUInt32LE(4 * pixel) !== parent.pixels.readUInt32LE(4 * pixel))
    throw new Error(`pixel ${pixel} changed on the way into an iteration`);
}
await page.getByRole("button", { name: "Back to coffee.png" }).click();
await source.getByText("coffee.png").waitFor();
check(await page.locator(".from").isHidden(), "the way back stayed");

// The address of a result opens it for the next transform; that of a transform asks the same again.
await page.goto(`${daemon.url}/#/transform?from=${record.jobs[1].artifacts[0].id}&transform=${record.id}`);
await page
  .locator(".from .chip")
  .filter({ hasText: /from Invert/ })
  .waitFor();
await page.goto(`${daemon.url}/#/transform?again=${record.id}`);
await page.waitForFunction(() => document.querySelector(".from")?.hasAttribute("hidden"));
await page.waitForFunction(() => document.querySelectorAll(".models input:checked").length === 2);
await page.getByText("Warm oil", { exact: true }).waitFor();
check(new URL(page.url()).hash === "#/transform", `the address asks for it again: ${page.url()}`);

// A reload keeps the picture, the mask, the words and the ticks.
await page.getByRole("textbox", { name: "What should change" }).fill("starlit-blue");
await source.getByText(/mask \d+/).waitFor();
// What is painted is kept a moment later.
const kept = await keptMask();
await page.getByRole("button", { name: /^Brush: paint/ }).click();
await stroke(page, [0.7, 0.3], [0.75, 0.3]);
for (let tries = 0; (await keptMask()) === kept; tries += 1) check(tries < 500, "the mask is not kept");
const facts = await source.locator(".about").innerText();
await page.reload();
await page.waitForFunction(
  (facts) => /** @type {HTMLElement | null} */ (document.querySelector(".source .about"))?.innerText === facts,
  facts,
);
check(
  (await page.getByRole("textbox", { name: "What should change" }).inputValue()) === "starlit-blue",
  "the words are gone",
);
check((await page.locator(".models input:checked").count()) === 2, "the ticks are gone");
await page.getByRole("textbox", { name: "What should change" }).fill("");

// A mask from a file: of another size it is refused, of the same it is taken.
await page.locator("input[name=mask-file]").setInputFiles(photograph("chelsea.png"));
await page.getByText("chelsea.png is 451×300, the picture 600×400").waitFor();
await page.locator("input[name=mask-file]").setInputFiles(photograph("coffee-mask.png"));
await page.waitForFunction(
  (facts) => /** @type {HTMLElement | null} */ (document.querySelector(".source .about"))?.innerText !== facts,
  facts,
);
await page.getByRole("button", { name: "Invert the mask" }).click();
await page.getByRole("button", { name: "Clear the mask" }).click();
await page.waitForFunction(() => !document.querySelector(".source .about")?.textContent?.includes("mask"));

// A picture is pasted, and takes the place of the first.
before = await drawn(page);
await paste(page, "body", photograph("astronaut.png"));
await source.getByText("astronaut.png").waitFor();
await drawnOther(page, before, "a pasted picture");

// In the dark, and where there is little or much room.
await page.keyboard.press("1");
for (const [name, width, height] of /** @type {const} */ ([
  ["360", 360, 800],
  ["1280", 1280, 800],
  ["2560", 2560, 1440],
])) {
  for (const scheme of /** @type {const} */ (["light", "dark"])) {
    await page.setViewportSize({ width, height });
    await page.emulateMedia({ colorScheme: scheme, reducedMotion: "reduce" });
    await page.locator(".hero canvas").first().waitFor();
    await axe(`${name} ${scheme}`);
    await shoot(page, `transform-${name}-${scheme}`);
    const wide = await page.evaluate(() => document.documentElement.scrollWidth > innerWidth);
    check(!wide, `at ${width} px the page is wider than the window`);
  }
}
await page.locator(".stand").scrollIntoViewIfNeeded();

check(problems.length === 0, problems.join("\n"));
await context.close();
await browser.close();
await daemon.kill();
