/**
 * A row of the history. There are only as many as one sees: each shows one transform after another.
 * @import { TransformRow } from "../../../typescript/protocol.ts"
 * @import { App } from "../../core/app.js"
 * @import { Thumbnail, Thumbnails } from "./thumbnails.js"
 */
import { h, straight } from "../../core/dom.js";
import { intentLabel, moment, several } from "../../core/words.js";
import { clientName, folderName } from "./filters.js";

/** Results that are shown as pictures; the number of the others is told. */
const SHOWN = 3;

/** @typedef {{ app: App, thumbnails: Thumbnails, select: (index: number) => void, iterate: (row: TransformRow) => void, lineage: (index: number) => void }} Context */

export class Row {
  index = -1;
  /** @type {TransformRow | undefined} */
  #shown;
  #signature = "";

  /** @param {Context} context */
  constructor(context) {
    this.context = context;
    const image = () => /** @type {Thumbnail} */ (h("img", { alt: "", decoding: "async", draggable: "false", hidden: true }));
    this.source = image();
    this.results = Array.from({ length: SHOWN }, image);
    this.more = h("span", { class: "row-more number" });
    this.title = h("a", { class: "row-title", href: "#/history", tabindex: "-1" });
    this.facts = h("span", { class: "row-facts dim" });
    this.states = h("span", { class: "row-states" });
    this.time = h("time", { class: "dim number" });
    const button = (/** @type {string} */ text, /** @type {() => void} */ click) =>
      h("button", { type: "button", class: "quiet", tabindex: "-1", on: { click } }, text);
    this.lineage = button("Lineage", () => context.lineage(this.index));
    this.iterate = button("Iterate", () => this.#shown && context.iterate(this.#shown));
    this.again = h("a", { class: "button quiet", tabindex: "-1", href: "#/history" }, "Use again");
    this.element = h(
      "div",
      { class: "history-row", role: "listitem", on: { focusin: () => context.select(this.index) } },
      h("span", { class: "row-pictures", "aria-hidden": "true" }, framed(this.source), h("span", { class: "arrow" }, "→"), this.results.map(framed), this.more),
      h("span", { class: "row-words" }, this.title, this.facts),
      h("span", { class: "row-side" }, this.time, this.states),
      h("span", { class: "row-actions" }, this.lineage, this.iterate, this.again),
    );
  }

  /** What the keyboard reaches in it, the first first. */
  get stops() {
    return [this.title, this.lineage, this.iterate, this.again];
  }

  /**
   * @param {number} index @param {TransformRow | undefined} row absent while it is fetched
   * @param {number} total @param {number} height
   */
  show(index, row, total, height) {
    const { element } = this;
    if (index !== this.index) {
      this.index = index;
      element.style.transform = `translateY(${index * height}px)`;
      element.setAttribute("aria-posinset", String(index + 1));
    }
    if (element.ariaSetSize !== String(total)) element.setAttribute("aria-setsize", String(total));
    const signature = row ? row.jobs.map(({ state, pictures }) => `${state}${pictures.length}`).join() : "";
    if (row === this.#shown && signature === this.#signature && row) return;
    this.#shown = row;
    this.#signature = signature;
    element.classList.toggle("waiting", !row);
    if (row) this.#fill(row);
    else this.#empty();
  }

  #empty() {
    for (const image of [this.source, ...this.results]) this.context.thumbnails.show(image, undefined);
    this.title.textContent = "Loading…";
    this.facts.textContent = this.time.textContent = this.states.textContent = this.more.textContent = "";
  }

  /** @param {TransformRow} row */
  #fill(row) {
    const { app, thumbnails } = this.context;
    const pictures = row.jobs.flatMap((job) => job.pictures);
    thumbnails.show(this.source, row.source);
    this.results.forEach((image, index) => thumbnails.show(image, pictures[index]));
    this.more.textContent = pictures.length > SHOWN ? `+${pictures.length - SHOWN}` : "";
    this.title.textContent = straight(row.prompt?.trim() || row.title || intentLabel(row.intent));
    this.title.href = `#/compare/${row.id}`;
    const models = [...new Set(row.jobs.map(({ model }) => app.label(model)))].join(", ");
    const where = row.folder ? folderName(row.folder) : clientName(row.client);
    const named = row.prompt?.trim() ? row.title : undefined;
    this.facts.textContent = straight([intentLabel(row.intent), models, where, named].filter(Boolean).join(" · "));
    this.time.textContent = moment(row.created);
    this.time.dateTime = new Date(row.created).toISOString();
    const states = statesOf(row);
    this.states.textContent = states.text;
    this.states.className = `row-states ${states.kind}`;
    this.iterate.disabled = !pictures.length;
    this.again.href = `#/transform?again=${row.id}`;
  }

  /** Whether the keyboard is here: only one row of a list is a stop of the Tab key. @param {boolean} active */
  setActive(active) {
    this.element.classList.toggle("active", active);
    for (const stop of this.stops) stop.tabIndex = active ? 0 : -1;
  }

  /** It is filled anew the next time. */
  forget() {
    this.#signature = "";
  }

  /** It is not seen any more, and waits for no picture. */
  rest() {
    this.index = -1;
    this.#shown = undefined;
    for (const image of [this.source, ...this.results]) this.context.thumbnails.show(image, undefined);
    this.element.remove();
  }
}

/** A browser paints an image that has nothing to show as broken: its frame is what one sees then. @param {HTMLElement} image */
function framed(image) {
  return h("span", { class: "row-thumb" }, image);
}

/** How a transform's jobs stand, in words. @param {TransformRow} row */
export function statesOf({ jobs }) {
  /** @param {...string} states */
  const count = (...states) => jobs.filter(({ state }) => states.includes(state)).length;
  const pictures = jobs.reduce((sum, job) => sum + job.pictures.length, 0);
  const parts = [
    pictures ? several(pictures, "result", "results") : count("done") && "Results discarded",
    count("running") && (jobs.length > 1 ? `${count("running")} running` : "Running"),
    count("queued") && (jobs.length > 1 ? `${count("queued")} waiting` : "Waiting"),
    count("failed") && (jobs.length > 1 ? `${count("failed")} failed` : "Failed"),
    count("cancelled") && (jobs.length > 1 ? `${count("cancelled")} cancelled` : "Cancelled"),
  ];
  const kind = count("failed") ? "failure" : count("running", "queued") ? "warning" : "dim";
  return { text: parts.filter(Boolean).join(", "), kind };
}
