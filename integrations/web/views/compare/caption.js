/**
 * What stands below a pane: which result it is, what it took, and how faithful it is.
 * @import { Result } from "../../core/results.js"
 */
import { fill, h } from "../../core/dom.js";
import { size } from "../../core/words.js";
import { barsOf } from "../../core/results.js";

export class Caption {
  /** @param {() => void} [choose] absent below the source, which nobody chooses */
  constructor(choose) {
    this.number = h("span", { class: "pane-key" });
    this.name = h("span", { class: "pane-name" });
    const title = choose
      ? h("button", { type: "button", class: "quiet pane-choose", "aria-pressed": "false", on: { click: choose } }, this.number, " ", this.name)
      : h("span", { class: "pane-choose" }, this.name);
    this.title = title;
    this.facts = h("span", { class: "pane-facts dim number" });
    this.bars = h("span", { class: "pane-bars" });
    this.element = h("figcaption", { class: "pane-caption" }, title, this.facts, this.bars);
  }

  /** @param {string} name @param {number} width @param {number} height */
  showSource(name, width, height) {
    this.name.textContent = "Source";
    this.facts.textContent = size(width, height);
    this.facts.title = name;
  }

  /** @param {Result} result @param {boolean} chosen */
  showResult({ number, label, facts, artifact, job }, chosen) {
    this.number.textContent = number <= 9 ? String(number) : "";
    this.name.textContent = label;
    this.title.title = label;
    this.title.setAttribute("aria-pressed", String(chosen));
    this.facts.textContent = facts;
    this.facts.title = job.report?.notes.join("\n") ?? "";
    if (artifact) showBars(this.bars, barsOf(artifact));
    else fill(this.bars);
  }
}

/** @param {HTMLElement} place @param {import("../../core/results.js").Bar[]} bars */
function showBars(place, bars) {
  place.setAttribute("role", "img");
  place.setAttribute("aria-label", `Fidelity: ${bars.map(({ text }) => text).join(", ")}`);
  place.title = bars.map(({ text }) => text.charAt(0).toUpperCase() + text.slice(1)).join("\n");
  fill(
    place,
    bars.map(({ name, share }) =>
      h("span", { class: "pane-bar", style: { "--share": String(share) } }, h("i", null), h("span", { class: "pane-bar-name" }, name)),
    ),
  );
}
