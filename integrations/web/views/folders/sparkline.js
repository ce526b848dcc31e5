/** How many files a minute, as long as the view is open: a small line, and the same in words. */
import { dress, svg } from "../../core/dom.js";

/** So many looks are kept: ten minutes. */
const LOOKS = 300;
const WIDTH = 120;
const HEIGHT = 28;

export class Sparkline {
  /** @type {number[]} */
  #looks = [];
  #line = svg("polyline", { fill: "none", "vector-effect": "non-scaling-stroke" });
  #ground = svg("polygon", { class: "ground" });
  element = svg(
    "svg",
    { class: "sparkline", role: "img", viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: "none" },
    this.#ground,
    this.#line,
  );

  /** @param {number} value */
  add(value) {
    this.#looks.push(value);
    if (this.#looks.length > LOOKS) this.#looks.shift();
    const most = Math.max(...this.#looks);
    const step = WIDTH / Math.max(LOOKS / 5, this.#looks.length - 1);
    const left = WIDTH - step * (this.#looks.length - 1);
    const points = this.#looks.map((look, index) => {
      const y = HEIGHT - 2 - (most ? (look / most) * (HEIGHT - 4) : 0);
      return `${(left + index * step).toFixed(1)},${y.toFixed(1)}`;
    });
    dress(this.#line, { points: points.join(" ") });
    dress(this.#ground, { points: `${left.toFixed(1)},${HEIGHT} ${points.join(" ")} ${WIDTH},${HEIGHT}` });
    dress(this.element, { "aria-label": `${value} files a minute now, at most ${most} since this view was opened` });
  }
}
