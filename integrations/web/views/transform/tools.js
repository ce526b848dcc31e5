/**
 * The bar above the picture: the tools that paint the mask, and how one looks.
 * @import { Brush, Tool } from "./brush.js"
 * @import { Hero, Surround } from "./hero.js"
 * @import { Work } from "./work.js"
 */
import { announce, h } from "../../core/dom.js";
import { failureLine, size } from "../../core/words.js";
import { placeOfSize, sizeOfPlace } from "./brush.js";
import { rowsOf } from "./made.js";
import { numberField, picker, press, showLine, signButton } from "../../core/parts.js";

/** @type {readonly (readonly [Tool, string, string])[]} */
const TOOLS = [
  ["move", "Move the picture (v)", "v"],
  ["brush", "Brush: paint where it may change (b)", "b"],
  ["eraser", "Eraser (x)", "x"],
];
/** @type {readonly Surround[]} */
const SURROUNDS = ["grey", "black", "white"];
const SIDES = /** @type {const} */ (["x", "y", "width", "height"]);
const SIDE_NAMES = { x: "Left", y: "Top", width: "Width", height: "Height" };

export class Tools {
  /** @param {Work} work @param {Hero} hero @param {Brush} brush */
  constructor(work, hero, brush) {
    this.work = work;
    this.hero = hero;
    this.brush = brush;
    this.tools = TOOLS.map(([tool, name]) =>
      signButton(tool, name, () => brush.choose(tool), { "aria-pressed": "false", dataset: { tool } }),
    );
    const resize = () => (brush.size = sizeOfPlace(this.size.valueAsNumber));
    this.size = h("input", {
      type: "range",
      min: "0",
      max: "1000",
      name: "size",
      "aria-label": "Brush size",
      "aria-keyshortcuts": "[ ]",
      title: "Brush size ([ and ])",
      on: { input: resize },
    });
    this.sizeText = h("output", { class: "number" });
    this.softness = h("input", {
      type: "range",
      min: "0",
      max: "1",
      step: "0.05",
      name: "softness",
      "aria-label": "Softness of the brush",
      title: "Softness",
      on: { input: () => brush.soften(this.softness.valueAsNumber) },
    });
    this.undo = signButton("undo", "Undo the stroke (Ctrl+Z)", () => brush.step(-1));
    this.redo = signButton("redo", "Redo the stroke (Ctrl+Shift+Z)", () => brush.step(1));
    this.invert = signButton("invert", "Invert the mask", () => this.#change(() => work.canvas?.invert()));
    this.clear = signButton("clear", "Clear the mask", () => this.#clear());
    this.toggle = signButton("rectangle", "Rectangle by numbers", () => this.#openRectangle(), {
      "aria-expanded": "false",
    });
    const file = picker((files) => void this.load(files), { name: "mask-file" });
    this.file = signButton("load", "Load a mask from a file", () => file.click());
    this.eye = signButton("eye", "Show the mask (o)", () => hero.showMask(!hero.isMaskShown));
    this.said = h("span", { class: "mask-said dim number" });
    this.line = h("p", { role: "alert", hidden: true });
    this.rectangle = this.#rectangle();
    this.percent = h(
      "button",
      {
        type: "button",
        class: "quiet number percent",
        title: "A pixel of the picture for a pixel of the screen (z)",
        on: { click: press(() => hero.whole()) },
      },
      "100 %",
    );
    this.surround = signButton("surround", "Surround", () => this.#nextSurround());
    this.mask = h(
      "div",
      { class: "tool-group", role: "group", "aria-label": "Mask" },
      h("span", { class: "tool-name" }, "Mask"),
      ...this.tools,
      h(
        "span",
        { class: "sliders" },
        h("span", { class: "slider" }, this.size, this.sizeText),
        h("span", { class: "slider" }, h("span", { "aria-hidden": "true" }, "soft"), this.softness),
      ),
      this.undo,
      this.redo,
      this.invert,
      this.clear,
      this.toggle,
      this.file,
      file,
      this.eye,
      this.said,
    );
    const zoom = (/** @type {string} */ text, /** @type {string} */ name, /** @type {number} */ by) =>
      h(
        "button",
        { type: "button", class: "quiet sign", "aria-label": name, on: { click: press(() => hero.camera.zoom(by)) } },
        text,
      );
    const fit = h(
      "button",
      { type: "button", class: "quiet", title: "The whole picture (f)", on: { click: press(() => hero.camera.fit()) } },
      "Fit",
    );
    this.looks = h(
      "div",
      { class: "tool-group looks", role: "group", "aria-label": "View" },
      zoom("−", "Zoom out", 0.8),
      this.percent,
      zoom("+", "Zoom in", 1.25),
      fit,
      this.surround,
    );
    this.element = h("div", { class: "hero-tools" }, this.mask, this.looks, this.rectangle, this.line);
    work.listen("source mask shown", () => this.show());
  }

  show() {
    const { work, hero, brush } = this;
    const usable = Boolean(work.source);
    this.mask.hidden = !work.source;
    this.looks.hidden = !work.source && !work.shown;
    for (const button of this.tools) {
      button.setAttribute("aria-pressed", String(button.dataset.tool === brush.tool));
      button.disabled = !usable;
    }
    this.mask.classList.toggle("painting", brush.paints);
    this.size.value = String(placeOfSize(brush.size));
    this.size.setAttribute("aria-valuetext", `${brush.size} px`);
    this.sizeText.textContent = `${brush.size} px`;
    this.softness.value = String(brush.softness);
    this.softness.setAttribute("aria-valuetext", `${Math.round(100 * brush.softness)} %`);
    const { mask, region } = work;
    this.undo.disabled = !mask?.canUndo;
    this.redo.disabled = !mask?.canRedo;
    this.clear.disabled = !region;
    this.invert.disabled = this.file.disabled = this.toggle.disabled = !usable;
    this.eye.setAttribute("aria-pressed", String(hero.isMaskShown && Boolean(region)));
    this.eye.disabled = !region;
    this.said.textContent = region ? `${size(region.width, region.height)} may change` : "everything may change";
    if (!usable) this.rectangle.hidden = true;
    this.toggle.setAttribute("aria-expanded", String(!this.rectangle.hidden));
    const name = `Surround: ${hero.surround}`;
    this.surround.setAttribute("aria-label", name);
    this.surround.title = name;
  }

  /** @param {number} scale */
  showZoom(scale) {
    const percent = 100 * scale;
    const text = `${percent < 10 ? percent.toFixed(1) : Math.round(percent)} %`;
    this.percent.textContent = text;
    this.percent.setAttribute("aria-label", `Zoom ${text}. Go to 100 %`);
  }

  #nextSurround() {
    const at = SURROUNDS.indexOf(this.hero.surround);
    this.hero.setSurround(SURROUNDS[(at + 1) % SURROUNDS.length] ?? "grey");
    this.show();
  }

  /** @param {() => unknown} act */
  #change(act) {
    act();
    this.#seen();
    this.work.painted();
  }

  /** What was changed is shown. */
  #seen() {
    if (this.work.shown) {
      this.work.shown = null;
      this.work.changed("shown");
    }
    if (!this.hero.isMaskShown) this.hero.showMask(true);
  }

  #clear() {
    const { mask } = this.work;
    if (mask) this.#change(() => mask.rectangle(mask.whole, 0));
    announce("The mask is cleared: everything may change");
  }

  /** A mask without a pointer. */
  #rectangle() {
    this.sides = Object.fromEntries(
      SIDES.map((side) => [
        side,
        numberField({ name: `mask-${side}`, min: side === "x" || side === "y" ? 0 : 1 }, () => {}),
      ]),
    );
    const put = (/** @type {number} */ value) => {
      const [x = 0, y = 0, width = 1, height = 1] = SIDES.map((side) => this.sides?.[side]?.valueAsNumber || 0);
      const box = { x, y, width: Math.max(1, width), height: Math.max(1, height) };
      this.#change(() => this.work.canvas?.rectangle(box, value));
      announce(value ? "Added to the mask" : "Taken from the mask");
    };
    const row = h(
      "form",
      {
        class: "rectangle row",
        hidden: true,
        "aria-label": "Rectangle of the mask, in pixels",
        on: { submit: (/** @type {Event} */ event) => (event.preventDefault(), put(255)) },
      },
      ...SIDES.map((side) => h("label", null, SIDE_NAMES[side], this.sides?.[side])),
      h("button", { type: "submit" }, "Add"),
      h("button", { type: "button", on: { click: () => put(0) } }, "Take away"),
    );
    return row;
  }

  #openRectangle() {
    const { source, region } = this.work;
    this.rectangle.hidden = !this.rectangle.hidden;
    this.show();
    if (this.rectangle.hidden || !source) return;
    const { width, height } = source;
    const middle = {
      x: Math.round(width / 4),
      y: Math.round(height / 4),
      width: Math.round(width / 2),
      height: Math.round(height / 2),
    };
    for (const side of SIDES) {
      const field = this.sides?.[side];
      if (field) field.value = String((region ?? middle)[side]);
    }
    this.sides?.x?.select();
  }

  /** Takes a mask from a file: white may change. @param {File[]} files */
  async load([file]) {
    const { work } = this;
    const { source } = work;
    if (!file || !source) return;
    showLine(this.line, null);
    try {
      const { id, picture } = await work.session.upload(file, { mask: true });
      if (picture?.width !== source.width || picture.height !== source.height) {
        const text = `${file.name} is ${picture ? size(picture.width, picture.height) : "no picture"}, the picture ${size(source.width, source.height)}`;
        showLine(this.line, { severity: "error", text, hint: "A mask is as large as its picture." });
        return;
      }
      const { rows } = await rowsOf(work.session, id, "?format=gray8");
      if (work.source !== source) return;
      this.#change(() => work.canvas?.take(rows));
      announce("The mask is loaded");
    } catch (error) {
      showLine(this.line, { severity: "error", ...failureLine(/** @type {Error} */ (error)) });
    }
  }
}
