/** The two bars of Compare: how one looks, above the panes; what is done with the chosen result, below them. */
import { settings } from "../../core/app.js";
import { h } from "../../core/dom.js";
import { FORMATS, format, setFormat } from "./save.js";

/** @import { Mode, Surround } from "./stage.js" */
/** @import { Result } from "../../core/results.js" */

/** @type {readonly (readonly [Mode, string, string])[]} */
const MODES = [
  ["grid", "Grid", "c"],
  ["one", "One", "c"],
  ["slider", "Slider", "s"],
];
/** @type {readonly (readonly [Surround, string])[]} */
const SURROUNDS = [
  ["grey", "Grey surround"],
  ["black", "Black surround"],
  ["white", "White surround"],
];

/** A press of the mouse leaves the keys to the view: space holds the source and presses no button again.
 * @param {() => void} run */
function press(run) {
  return (/** @type {MouseEvent} */ event) => {
    run();
    if (event.detail && event.currentTarget instanceof HTMLElement) event.currentTarget.blur();
  };
}

/**
 * @typedef {object} Looks
 * @property {(mode: Mode) => void} mode
 * @property {() => void} changes
 * @property {(surround: Surround) => void} surround
 * @property {() => void} fit
 * @property {() => void} whole
 * @property {(direction: 1 | -1) => void} zoom
 */

export class LookBar {
  /** @param {Looks} calls @param {HTMLElement} chooser */
  constructor(calls, chooser) {
    this.modes = MODES.map(([mode, name, key]) =>
      h("button", { type: "button", "aria-pressed": "false", "aria-keyshortcuts": key, dataset: { mode }, on: { click: press(() => calls.mode(mode)) } }, name),
    );
    this.changes = h("button", { type: "button", "aria-pressed": "false", "aria-keyshortcuts": "m", title: "What changed, in magenta", on: { click: press(calls.changes) } }, "Changes");
    this.surrounds = SURROUNDS.map(([surround, name]) =>
      h("button", { type: "button", class: `swatch ${surround}`, "aria-pressed": "false", "aria-label": name, title: name, dataset: { surround }, on: { click: press(() => calls.surround(surround)) } }, h("i", null)),
    );
    this.percent = h("button", { type: "button", class: "quiet number zoom-percent", "aria-keyshortcuts": "z", title: "A pixel of the picture for a pixel of the screen", on: { click: press(calls.whole) } }, "100 %");
    const zoom = h(
      "div",
      { class: "group zoom", role: "group", "aria-label": "Zoom" },
      h("button", { type: "button", class: "quiet", "aria-label": "Zoom out", "aria-keyshortcuts": "-", on: { click: press(() => calls.zoom(-1)) } }, "−"),
      this.percent,
      h("button", { type: "button", class: "quiet", "aria-label": "Zoom in", "aria-keyshortcuts": "+", on: { click: press(() => calls.zoom(1)) } }, "+"),
      h("button", { type: "button", class: "quiet", "aria-keyshortcuts": "f", on: { click: press(calls.fit) } }, "Fit"),
    );
    this.element = h(
      "div",
      { class: "look-bar" },
      chooser,
      h("div", { class: "group joined", role: "group", "aria-label": "Show" }, this.modes),
      this.changes,
      zoom,
      h("div", { class: "group", role: "group", "aria-label": "Surround" }, this.surrounds),
    );
  }

  /** @param {{ mode: Mode, changes: boolean, surround: Surround, pictures: boolean }} state */
  show({ mode, changes, surround, pictures }) {
    for (const button of this.modes) {
      button.setAttribute("aria-pressed", String(button.dataset.mode === mode));
      button.disabled = !pictures;
    }
    this.changes.setAttribute("aria-pressed", String(changes));
    this.changes.disabled = !pictures;
    for (const button of this.surrounds) button.setAttribute("aria-pressed", String(button.dataset.surround === surround));
  }

  /** @param {number} scale @param {boolean} fitted */
  showZoom(scale, fitted) {
    const percent = 100 * scale;
    const text = `${percent < 10 ? percent.toFixed(1) : Math.round(percent)} %`;
    this.percent.textContent = text;
    this.percent.setAttribute("aria-label", `Zoom ${text}${fitted ? ", fitted" : ""}. Go to 100 %`);
  }
}

/**
 * @typedef {object} Actions
 * @property {() => void} download
 * @property {() => void} copy
 * @property {() => void} discard
 * @property {() => void} restore
 */

export class ActionBar {
  /** @param {Actions} calls */
  constructor(calls) {
    this.name = h("span", { class: "chosen-name" });
    this.iterate = h("a", { class: "button accent", "aria-keyshortcuts": "i", href: "#/transform" }, "Iterate ", h("span", { class: "wide" }, "from this"));
    this.download = h("button", { type: "button", "aria-keyshortcuts": "d", on: { click: calls.download } }, "Download");
    this.format = h(
      "select",
      { "aria-label": "Format of the file", name: "format", on: { change: () => setFormat(this.format.value) } },
      FORMATS.map(([id, name]) => h("option", { value: id, selected: id === format() }, name)),
    );
    const copy = h("button", { type: "button", on: { click: calls.copy } }, "Copy");
    this.discard = h("button", { type: "button", class: "quiet", "aria-keyshortcuts": "Delete", on: { click: calls.discard } }, "Discard");
    this.restore = h("button", { type: "button", class: "quiet", on: { click: calls.restore } }, "Restore");
    this.line = h("p", { class: "action-line", role: "status" });
    this.onChosen = h("div", { class: "group" }, this.iterate, h("span", { class: "group joined" }, this.download, this.format), copy, this.discard);
    this.element = h("div", { class: "action-bar" }, this.name, this.line, this.restore, this.onChosen);
  }

  /** @param {string} transform @param {Result | undefined} chosen @param {number} discarded */
  show(transform, chosen, discarded) {
    const artifact = chosen?.artifact;
    this.name.textContent = chosen ? `${chosen.number} · ${chosen.label}` : "";
    this.onChosen.hidden = !artifact;
    if (artifact) this.iterate.href = `#/transform?${new URLSearchParams({ from: artifact.id, transform })}`;
    this.restore.hidden = !discarded;
    this.restore.textContent = discarded > 1 ? `Restore one of ${discarded} discarded` : "Restore the discarded";
  }

  /** @param {string} text @param {string} [hint] */
  say(text, hint = "") {
    this.line.className = "action-line";
    this.line.textContent = [text, hint].filter(Boolean).join(". ");
  }

  /** @param {string} text @param {string} hint */
  fail(text, hint) {
    this.say(text, hint);
    this.line.classList.add("failure");
  }
}

/** @returns {Surround} */
export function keptSurround() {
  const kept = settings.get("surround", "grey");
  return SURROUNDS.find(([id]) => id === kept)?.[0] ?? "grey";
}
