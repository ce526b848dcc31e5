/**
 * Which transform is compared: a button with its picture and words, and a list of the recent ones behind it.
 * @import { TransformRow } from "../../../typescript/protocol.ts"
 * @import { App } from "../../core/app.js"
 */
import { fill, h, uniqueId } from "../../core/dom.js";
import { intentLabel, moment, several, shortened } from "../../core/words.js";

const RECENT = 24;

export class Chooser {
  #thumb = h("span", { class: "compare-thumb" });
  #title = h("span", { class: "compare-title" });
  #list = h("ul", null);

  /** @param {App} app */
  constructor(app) {
    this.app = app;
    const id = uniqueId("recent");
    this.popover = h("div", { id, popover: "auto", class: "compare-recent", "aria-label": "Recent transforms" }, this.#list);
    this.button = h("button", { type: "button", class: "quiet compare-chooser-button", popovertarget: id, title: "Compare another transform" }, this.#thumb, this.#title, h("span", { "aria-hidden": "true" }, "▾"));
    this.popover.addEventListener("beforetoggle", (event) => {
      if (/** @type {ToggleEvent} */ (event).newState === "open") void this.#fill();
    });
    this.popover.addEventListener("click", (event) => {
      if (event.target instanceof Element && event.target.closest("a")) this.popover.hidePopover();
    });
    this.element = h("div", { class: "compare-chooser" }, this.button, this.popover);
  }

  /** @param {string} source @param {string} title */
  show(source, title) {
    const image = this.app.pictures.image(source, 96, "");
    fill(this.#thumb, image);
    this.#title.textContent = shortened(title, 80);
  }

  showNone() {
    fill(this.#thumb);
    this.#title.textContent = "Choose a transform";
  }

  async #fill() {
    const box = this.button.getBoundingClientRect();
    this.popover.style.setProperty("--top", `${Math.round(box.bottom + 4)}px`);
    this.popover.style.setProperty("--left", `${Math.round(box.left)}px`);
    try {
      await this.app.models();
      fill(this.#list, entries(this.app, await recent(this.app)));
      this.#list.querySelector("a")?.focus();
    } catch (error) {
      fill(this.#list, h("li", { class: "failure" }, /** @type {Error} */ (error).message));
    }
  }
}

/** Transforms that made something, the newest first. @param {App} app */
export async function recent(app) {
  const { rows } = await app.session.call("transform.search", { limit: 100 });
  return rows.filter(hasPictures).slice(0, RECENT);
}

/** @param {TransformRow} row */
export function hasPictures({ jobs }) {
  return jobs.some(({ pictures }) => pictures.length);
}

/** @param {App} app @param {readonly TransformRow[]} rows */
export function entries(app, rows) {
  if (!rows.length) return [h("li", { class: "dim" }, "Nothing yet.")];
  return rows.map((row) => {
    const pictures = row.jobs.flatMap((job) => job.pictures);
    const words = shortened(row.prompt?.trim() || row.title || intentLabel(row.intent), 60);
    const facts = [moment(row.created), intentLabel(row.intent), several(pictures.length, "result", "results")];
    return h(
      "li",
      null,
      h(
        "a",
        { href: `#/compare/${row.id}` },
        h("span", { class: "compare-thumb" }, pictures[0] && app.pictures.image(pictures[0], 96, "")),
        h("span", { class: "compare-words" }, h("span", { class: "compare-title" }, words), h("span", { class: "dim" }, facts.join(" · "))),
      ),
    );
  });
}
