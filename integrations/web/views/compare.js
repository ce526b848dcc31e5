/**
 * Compare: the artifacts of one transform side by side. What is looked at stands in the address:
 * `#/compare/TRANSFORM?artifact=ID&show=slider&changes=1`.
 */
import { Comparison } from "./compare/comparison.js";

/** @type {(app: import("../core/app.js").App, parameters: URLSearchParams, rest: string) => import("../core/app.js").View} */
export function open(app, parameters, rest) {
  const comparison = new Comparison(app);
  comparison.open(rest, parameters);
  return {
    element: comparison.element,
    title: "Compare",
    close: () => comparison.close(),
    update: (next, id) => comparison.open(id, next),
    keys: comparison.keys,
  };
}
