/** The divider between a source and a result: dragged, or moved by keys. */
import { h } from "../../core/dom.js";

export class Slider {
  /** In percent from the left. */
  value = 50;

  /** @param {() => void} moved */
  constructor(moved) {
    this.moved = moved;
    this.element = h(
      "div",
      {
        class: "compare-divider",
        role: "slider",
        tabindex: "0",
        "aria-label": "Divider between source and result",
        "aria-orientation": "horizontal",
        "aria-valuemin": "0",
        "aria-valuemax": "100",
        on: {
          keydown: (/** @type {KeyboardEvent} */ event) => this.#key(event),
          pointerdown: (/** @type {PointerEvent} */ event) => this.#down(event),
          pointermove: (/** @type {PointerEvent} */ event) => this.#move(event),
          dblclick: (/** @type {MouseEvent} */ event) => {
            event.stopPropagation();
            this.set(50);
          },
        },
      },
      h("span", { class: "compare-grip", "aria-hidden": "true" }),
    );
    this.set(50);
  }

  /** @param {number} value */
  set(value) {
    this.value = Math.min(100, Math.max(0, value));
    this.element.style.setProperty("--at", `${this.value}%`);
    this.element.setAttribute("aria-valuenow", String(Math.round(this.value)));
    this.element.setAttribute("aria-valuetext", `${Math.round(this.value)} % source`);
    this.moved();
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    const step = event.shiftKey ? 10 : 1;
    const to = {
      ArrowLeft: this.value - step,
      ArrowDown: this.value - step,
      ArrowRight: this.value + step,
      ArrowUp: this.value + step,
      PageDown: this.value - 10,
      PageUp: this.value + 10,
      Home: 0,
      End: 100,
    }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    // The view's own arrows step through results.
    event.stopPropagation();
    this.set(to);
  }

  /** @param {PointerEvent} event */
  #down(event) {
    if (event.button !== 0) return;
    this.element.setPointerCapture(event.pointerId);
    event.stopPropagation();
  }

  /** @param {PointerEvent} event */
  #move(event) {
    if (!this.element.hasPointerCapture(event.pointerId)) return;
    const place = this.element.parentElement?.getBoundingClientRect();
    if (place) this.set((100 * (event.clientX - place.left)) / place.width);
  }
}
