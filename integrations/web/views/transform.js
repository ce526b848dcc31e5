/**
 * Transform: a picture, what should change in it, and which models do that; what they made is shown in its place.
 * @import { App, Key, View } from "../core/app.js"
 */
import { fill, h } from "../core/dom.js";
import { isTyping } from "../core/keys.js";
import { actionSection } from "./transform/action.js";
import { Brush } from "./transform/brush.js";
import { changeSection, keepSection } from "./transform/change.js";
import { draftOf } from "../core/draft.js";
import { Hero } from "./transform/hero.js";
import { input } from "./transform/input.js";
import { resultsOf, rowsOf } from "./transform/made.js";
import { modelSection } from "./transform/models.js";
import { moreSection } from "./transform/more.js";
import { recipeSection } from "./transform/recipes.js";
import { referenceSection } from "./transform/references.js";
import { compareLink, resultSection, showResult } from "./transform/results.js";
import { Runs } from "./transform/runs.js";
import { Shelf } from "./transform/shelf.js";
import { arrivals, sourceSection } from "./transform/source.js";
import { Tools } from "./transform/tools.js";
import { Work } from "./transform/work.js";

/** @param {App} app @param {URLSearchParams} parameters @returns {View} */
export function open(app, parameters) {
  const stop = new AbortController();
  const work = new Work(app);
  const shelf = new Shelf(work);
  const runs = new Runs(work, shelf);
  /** @type {Tools | undefined} */
  let tools;
  const hero = new Hero(work, runs, () => tools?.showZoom(hero.zoom));
  const brush = new Brush(work, hero, () => tools?.show());
  tools = new Tools(work, hero, brush);
  input(hero, brush, () => hero.held);

  const action = actionSection(work, runs);
  const source = sourceSection(work);
  const change = changeSection(work, action.press);
  // A recipe decides all of this.
  const own = h(
    "div",
    { class: "own" },
    change.element,
    keepSection(work),
    modelSection(work),
    referenceSection(work),
    moreSection(work),
  );
  work.listen("draft", () => (own.hidden = work.draft.recipe !== null));
  const panel = h(
    "div",
    { class: "panel" },
    source.element,
    recipeSection(work),
    own,
    action.element,
    resultSection(work, shelf, runs),
  );
  fill(
    hero.empty,
    h("p", null, "Drop a picture here, paste it, or choose a file."),
    h("button", { type: "button", on: { click: source.choose } }, "Choose a picture"),
  );
  const element = h(
    "div",
    { class: "transform" },
    h("h1", { class: "unseen" }, "Transform"),
    panel,
    h("div", { class: "stand" }, tools.element, hero.element),
  );

  arrivals(work, element, stop.signal);
  pressed({ work, hero, brush }, stop.signal);
  const offEvents = app.onEvent((event) => {
    runs.hear(event);
    shelf.hear(event);
  });
  const offConnection = app.onConnection((up) => {
    work.changed("source");
    if (!up) return;
    void work.list(true);
    void runs.catchUp();
    shelf.refresh();
  });
  // Somebody may have trusted a backend or set a key in a terminal, or written a recipe.
  addEventListener("focus", () => void work.list(true), { signal: stop.signal });

  void begin({ app, work, shelf, runs }, parameters);
  return {
    element,
    title: "Transform",
    update: (given) => void obey({ app, work, shelf, runs }, given),
    keys: keysOf({ work, shelf, hero, brush }),
    close: () => {
      stop.abort();
      offEvents();
      offConnection();
      action.close();
      runs.close();
      work.close();
      hero.close();
    },
  };
}

/** @typedef {{ app: App, work: Work, shelf: Shelf, runs: Runs }} Parts */

/** @param {Parts} parts @param {URLSearchParams} parameters */
async function begin(parts, parameters) {
  await parts.work.list();
  await parts.shelf.load();
  await parts.runs.resume();
  await obey(parts, parameters);
}

/** Does what the address asks for, once: what came of it is kept, and a reload does not do it again.
 * @param {Parts} parts @param {URLSearchParams} parameters */
async function obey({ app, work, shelf, runs }, parameters) {
  const [from, id, again, job] = ["from", "transform", "again", "job"].map((name) => parameters.get(name));
  const wanted = again ?? job ?? id;
  const model = parameters.get("model");
  if (model) choose(work, model, parameters.get("intent"));
  if (!wanted) return;
  answered();
  try {
    const record = await work.session.call("transform.get", { id: wanted });
    if (job) {
      await runs.follow(job);
    } else if (again) {
      const { ask } = record;
      const { width, height } = await infoOf(work, ask.source);
      const mask = ask.mask ? (await rowsOf(work.session, ask.mask, "?format=gray8")).rows : undefined;
      work.take({ blob: ask.source, title: ask.title ?? "Picture", width, height, detail: "" }, mask);
      work.set(draftOf(ask, work.draft));
    } else {
      const result = resultsOf(record, (model) => app.label(model)).find(({ artifact }) => artifact?.id === from);
      if (result) await work.iterate(result);
      else
        work.say({
          severity: "warning",
          text: "That result is not there any more",
          hint: "It may have been discarded.",
        });
    }
    shelf.put(record.ask.client === "web" ? [record] : []);
  } catch (error) {
    work.fail(error);
  }
}

/** A reload does not do it again. Whoever has gone on meanwhile is not called back. */
function answered() {
  if (location.hash.startsWith("#/transform?")) history.replaceState(null, "", "#/transform");
}

/**
 * From the list of models: this one is ticked, for what it was listed for.
 * @param {Work} work @param {string} id @param {string | null} intent
 */
function choose(work, id, intent) {
  answered();
  const intents = work.entries.find(({ record }) => record.id === id)?.record.intents ?? [];
  const wanted = intents.find((it) => it === intent) ?? intents.find((it) => it === work.draft.intent) ?? intents[0];
  if (wanted) work.set({ intent: wanted, models: [id], recipe: null });
}

/** @param {Work} work @param {string} blob */
async function infoOf(work, blob) {
  const response = await work.session.get(`/v1/blobs/${blob}/info`);
  const { picture } = await response.json();
  return picture;
}

/**
 * Keys that the page's list cannot hold: those with Control, and space, which is let go.
 * @param {{ work: Work, hero: Hero, brush: Brush }} parts @param {AbortSignal} signal
 */
function pressed({ work, hero, brush }, signal) {
  addEventListener(
    "keydown",
    (event) => {
      if (!(event.ctrlKey || event.metaKey) || event.altKey || event.key.toLowerCase() !== "z" || isTyping(event))
        return;
      if (!work.mask) return;
      event.preventDefault();
      brush.step(event.shiftKey ? 1 : -1);
    },
    { signal },
  );
  addEventListener(
    "keyup",
    (event) => {
      if (event.key === " ") hero.hold(false);
    },
    { signal },
  );
  addEventListener("blur", () => hero.hold(false), { signal });
}

/** @param {{ work: Work, shelf: Shelf, hero: Hero, brush: Brush }} parts @returns {Key[]} */
function keysOf({ work, shelf, hero, brush }) {
  const step = (/** @type {number} */ by) => {
    const { pictures } = shelf;
    const at = pictures.findIndex(({ key }) => key === work.shown?.key);
    const next = pictures[at < 0 ? (by > 0 ? 0 : pictures.length - 1) : (at + by + pictures.length) % pictures.length];
    if (next && next.key !== work.shown?.key) showResult(work, next);
  };
  const number = (/** @type {number} */ place) => {
    const result = shelf.pictures[place - 1];
    if (result && result.key !== work.shown?.key) showResult(work, result);
  };
  const back = () => {
    if (work.shown) showResult(work, null);
    else brush.choose("move");
  };
  return [
    ...Array.from({ length: 9 }, (_, index) => ({
      key: String(index + 1),
      what: index ? "" : "Choose a result",
      shown: "1 – 9",
      run: () => number(index + 1),
    })),
    { key: "ArrowLeft", what: "The result before", run: () => step(-1) },
    { key: "ArrowRight", what: "The next result", run: () => step(1) },
    { key: " ", what: "Hold the source; with a drag, move the picture", run: () => hero.hold(true) },
    { key: "Escape", what: "Back to the source, or away from the brush", shown: "esc", run: back },
    { key: "c", what: "Compare", run: () => work.shown && (location.hash = compareLink(work.shown)) },
    { key: "i", what: "Iterate from this", run: () => work.shown && void work.iterate(work.shown) },
    { key: "f", what: "Fit the picture", run: () => hero.camera.fit() },
    { key: "z", what: "100 %", run: () => hero.whole() },
    { key: "+", what: "Zoom in", run: () => hero.camera.zoom(1.25) },
    { key: "-", what: "Zoom out", run: () => hero.camera.zoom(0.8) },
    { key: "b", what: "Brush", run: () => brush.choose("brush") },
    {
      key: "x",
      what: "Eraser, or the brush again",
      run: () => brush.choose(brush.tool === "eraser" ? "brush" : "eraser"),
    },
    { key: "v", what: "Move the picture", run: () => brush.choose("move") },
    { key: "[", what: "Smaller brush", run: () => brush.grow(-1) },
    { key: "]", what: "Larger brush", run: () => brush.grow(1) },
    { key: "o", what: "Show or hide the mask", run: () => hero.showMask(!hero.isMaskShown) },
  ];
}
