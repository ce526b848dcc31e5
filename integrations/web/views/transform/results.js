/**
 * Section 8: what was made, newest first; the one that is shown says what can be done with it.
 * @import { Result } from "./made.js"
 * @import { Runs } from "./runs.js"
 * @import { Shelf } from "./shelf.js"
 * @import { Work } from "./work.js"
 */
import { announce, fill, h } from "../../core/dom.js";
import { Rows, say } from "../../core/rows.js";
import { STATES, failureLine, sentence } from "../../core/words.js";
import { barsOf } from "../../core/results.js";
import { copy, format, FORMATS, save, setFormat } from "../compare/save.js";
import { press, section, showLine } from "../../core/parts.js";
import { DRAGGED, addReference } from "./references.js";

/** @param {Work} work @param {Shelf} shelf @param {Runs} runs */
export function resultSection(work, shelf, runs) {
  const list = h("ol", { class: "results" });
  const rows = new Rows(
    list,
    (/** @type {Result} */ result) => result.key,
    (result) => card(work, shelf, runs, result),
  );
  const empty = h("p", { class: "dim" });
  const older = h("button", { type: "button", class: "quiet", on: { click: () => void shelf.load() } }, "Show older");
  const all = h("a", { class: "link", href: "#/history" }, "All in the history");
  const kind = h(
    "select",
    { name: "format", "aria-label": "Format of downloads", on: { change: () => setFormat(kind.value) } },
    FORMATS.map(([id, name]) => h("option", { value: id, selected: id === format() }, name)),
  );
  const foot = h("div", { class: "row" }, older, all, h("label", { class: "dim" }, "Downloads as ", kind));
  work.listen("results shown run source", () => {
    say(empty, work.source ? "Say what should change." : "Choose a picture, say what should change.");
    // What runs stands above, with its progress; here is what came of it.
    const shown = shelf.results.filter(
      ({ artifact, job, state }) => artifact || state === "failed" || !runs.current?.jobs.has(job),
    );
    rows.show(withDiscarded(shown, shelf));
    empty.hidden = shown.length > 0 || shelf.discarded.size > 0;
    older.hidden = !shelf.hasMore;
    foot.hidden = !shown.length;
  });
  return section("Results", empty, list, foot);
}

/**
 * What was put away keeps its place as one line, from which it comes back.
 * @param {Result[]} results @param {Shelf} shelf
 */
function withDiscarded(results, shelf) {
  const list = [...results];
  for (const { result, above } of shelf.discarded.values()) {
    if (list.some(({ key }) => key === result.key)) continue;
    const at = above === undefined ? 0 : list.findIndex(({ key }) => key === above) + 1;
    list.splice(at, 0, result);
  }
  return list;
}

/** @param {Work} work @param {Shelf} shelf @param {Runs} runs @param {Result} first */
function card(work, shelf, runs, first) {
  let result = first;
  const number = h("span", { class: "number-key" });
  const picture = h("span", { class: "thumbnail" });
  const name = h("span", { class: "name" });
  const title = h("span", { class: "said" });
  const facts = h("span", { class: "dim number" });
  const bars = h("span", { class: "fidelity" });
  const show = h(
    "button",
    {
      type: "button",
      class: "quiet show",
      "aria-pressed": "false",
      on: { click: press(() => look()) },
    },
    picture,
    h(
      "span",
      { class: "about" },
      h("span", null, h("span", { class: "unseen" }, "Show "), number, name),
      title,
      facts,
      bars,
    ),
  );
  const line = h("p", { class: "line" });
  const actions = h("div", { class: "actions row" });
  const element = h("li", { class: "result" }, show, line, actions);
  element.addEventListener("dragstart", (event) => {
    const { artifact } = result;
    if (!artifact) return;
    event.dataTransfer?.setData(DRAGGED, JSON.stringify(referenceOf(result)));
  });
  // The panel stands beside the picture, or above it where there is little room: then one of them is out of sight.
  const isBeside = () => matchMedia("(min-width: 761px)").matches;
  const reveal = () => {
    if (isBeside()) element.scrollIntoView({ block: "nearest" });
  };
  const look = () => {
    showResult(work, result);
    if (work.shown && !isBeside()) document.querySelector(".transform .stand")?.scrollIntoView({ block: "nearest" });
  };
  let drawn = "";
  return {
    element,
    update: (/** @type {Result} */ now) => {
      result = now;
      const { artifact } = now;
      const away = shelf.discarded.has(now.key) && !shelf.results.some(({ key }) => key === now.key);
      const isShown = work.shown?.key === now.key;
      const asks = shelf.asks.get(now.job);
      const place = shelf.pictures.findIndex(({ key }) => key === now.key) + 1;
      say(number, place > 0 && place <= 9 ? String(place) : "");
      number.hidden = !number.textContent;
      show.setAttribute("aria-pressed", String(isShown));
      if (isShown && !element.classList.contains("shown")) requestAnimationFrame(reveal);
      element.classList.toggle("shown", isShown);
      element.draggable = Boolean(artifact) && !away;
      const state = JSON.stringify([now, away, isShown, asks, runs.current === null]);
      if (state === drawn) return;
      drawn = state;
      const had = element.contains(document.activeElement);
      show.hidden = away || !artifact;
      say(name, now.label);
      say(title, now.title);
      say(facts, now.facts);
      if (artifact && !picture.childElementCount) fill(picture, work.app.pictures.image(artifact.blob, 128, ""));
      if (artifact) showBars(bars, artifact);
      if (away) {
        showLine(line, { severity: "info", text: `Discarded ${now.label}` });
        fill(actions, h("button", { type: "button", on: { click: () => void shelf.restore(now) } }, "Undo"));
      } else if (artifact) {
        showLine(line, now.notes[0] ? { severity: "info", text: sentence(now.notes[0]) } : null);
        fill(actions, ...(isShown ? pictureActions(work, shelf, now) : []));
      } else {
        showLine(line, lineOf(now, asks));
        fill(actions, ...jobActions(work, shelf, runs, now, asks));
      }
      actions.hidden = !actions.childElementCount;
      // Whoever pressed a button that is gone now finds the one that took its place.
      const focused = document.activeElement;
      if (had && (!element.contains(focused) || (focused === show && show.hidden)))
        (actions.querySelector("button") ?? show).focus();
    },
  };
}

/** Shows a result in the place of the source, or the source again. @param {Work} work @param {Result | null} result */
export function showResult(work, result) {
  work.shown = result && work.shown?.key !== result.key ? result : null;
  work.changed("shown");
  announce(work.shown ? `Shows ${work.shown.label}: ${work.shown.title}` : "Shows the source");
}

/** @param {Result} result */
function referenceOf({ artifact, label, title }) {
  return {
    blob: artifact?.blob ?? "",
    title: `${label}: ${title}`,
    width: artifact?.width ?? 0,
    height: artifact?.height ?? 0,
  };
}

/** @param {Work} work @param {Shelf} shelf @param {Result} result */
function pictureActions(work, shelf, result) {
  const id = result.artifact?.id ?? "";
  /** @param {() => Promise<string>} deed what it says is said */
  const told = async (deed) => {
    try {
      announce(await deed());
    } catch (error) {
      work.fail(error);
    }
  };
  const download = () => told(async () => `Saved ${await save(work.session, id)}`);
  const copied = () => told(async () => (await copy(work.session, id), "Copied"));
  const button = (/** @type {string} */ text, /** @type {() => unknown} */ run) =>
    h("button", { type: "button", on: { click: press(() => void run()) } }, text);
  return [
    button("Iterate from this", () => work.iterate(result)),
    h("a", { class: "button", href: compareLink(result) }, "Compare"),
    button("Download", download),
    button("Copy", copied),
    button("As a reference", () => addReference(work, referenceOf(result))),
    button("Discard", () => shelf.discard(result)),
  ];
}

/** @param {Result} result */
export function compareLink({ transform, artifact }) {
  return `#/compare/${transform}${artifact ? `?artifact=${encodeURIComponent(artifact.id)}` : ""}`;
}

/**
 * What became of a job that has no picture.
 * @param {Result} result @param {string | undefined} asks
 * @returns {import("./base.js").Line}
 */
function lineOf({ label, failure, state }, asks) {
  if (asks)
    return {
      severity: "warning",
      text: `${label}: ${sentence(asks)}`,
      hint: "Pay again only if that is what you want.",
    };
  if (!failure || state !== "failed") return { severity: "info", text: `${label}: ${STATES[state].toLowerCase()}` };
  const { text, hint } = failureLine(failure);
  return { severity: "error", text: `${label}: ${text}`, hint };
}

/**
 * @param {Work} work @param {Shelf} shelf @param {Runs} runs @param {Result} result @param {string | undefined} asks
 */
function jobActions(work, shelf, runs, result, asks) {
  if (result.state !== "failed" && result.state !== "cancelled") return [];
  const retry = async () => {
    if (await shelf.retry(result)) await runs.follow(result.transform);
  };
  const not = () => {
    shelf.asks.delete(result.job);
    work.changed("results");
  };
  return [
    h("button", { type: "button", on: { click: () => void retry() } }, asks ? "Pay again" : "Retry"),
    asks && h("button", { type: "button", class: "quiet", on: { click: not } }, "Leave it"),
  ].filter((it) => it instanceof Node);
}

/** @param {HTMLElement} place @param {import("../../../typescript/protocol.ts").Artifact} artifact */
function showBars(place, artifact) {
  const bars = barsOf(artifact);
  place.setAttribute("role", "img");
  place.setAttribute("aria-label", `Fidelity: ${bars.map(({ text }) => text).join(", ")}`);
  place.title = bars.map(({ text }) => sentence(text)).join("\n");
  fill(
    place,
    bars.map(({ name, share }) => h("span", null, h("i", { style: { "--share": String(share) } }), name)),
  );
}
