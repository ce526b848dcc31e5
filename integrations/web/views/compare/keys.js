/** The keys of Compare.
 * @import { Key } from "../../core/app.js"
 * @import { Comparison } from "./comparison.js"
 */
import { STEP } from "./camera.js";

/** How far an arrow moves the picture, in CSS pixels. */
const PAN = 64;

/** @param {Comparison} comparison @returns {Key[]} */
export function keysOf(comparison) {
  const { camera } = comparison.stage;
  /** @param {number} x @param {number} y @param {() => void} otherwise */
  const arrow = (x, y, otherwise) => (/** @type {KeyboardEvent} */ event) => {
    const far = PAN * devicePixelRatio;
    if (event.shiftKey) camera.pan(-x * far, -y * far);
    else otherwise();
  };
  const numbers = Array.from({ length: 9 }, (_, index) => ({
    key: String(index + 1),
    shown: "1 to 9",
    what: index ? "" : "Choose a result",
    run: () => comparison.choose(comparison.results[index]?.key ?? ""),
  }));
  const row = () => comparison.stage.columns;
  return [
    ...numbers,
    { key: "ArrowLeft", shown: "← →", what: "Step through the results", run: arrow(-1, 0, () => comparison.step(-1)) },
    { key: "ArrowRight", what: "", run: arrow(1, 0, () => comparison.step(1)) },
    { key: "ArrowUp", what: "", run: arrow(0, -1, () => comparison.step(-row())) },
    { key: "ArrowDown", what: "", run: arrow(0, 1, () => comparison.step(row())) },
    { key: " ", what: "Show the source while held", run: () => comparison.hold(true) },
    { key: "c", what: "Leave or enter the grid", run: () => comparison.toggleGrid() },
    { key: "s", what: "Slider against the source", run: () => comparison.toggleSlider() },
    { key: "m", what: "Mark what changed", run: () => comparison.setChanges(!comparison.stage.changes) },
    { key: "f", what: "Fit", run: () => camera.fit() },
    { key: "z", what: "100 %", run: () => camera.zoomTo(1) },
    { key: "+", shown: "+ −", what: "Zoom", run: () => camera.zoom(STEP) },
    { key: "=", what: "", run: () => camera.zoom(STEP) },
    { key: "-", what: "", run: () => camera.zoom(1 / STEP) },
    { key: "pan", shown: "⇧ arrows", what: "Move the picture", run: () => {} },
    { key: "i", what: "Iterate from the chosen result", run: () => comparison.iterate() },
    { key: "d", what: "Download the chosen result", run: () => void comparison.deeds.download() },
    { key: "Delete", what: "Discard the chosen result", run: () => void comparison.deeds.discard() },
    { key: "Escape", what: "Back to the grid", run: () => comparison.setMode("grid") },
  ];
}
