import { h } from "../core/dom.js";

/** @type {(app: import("../core/app.js").App, parameters: URLSearchParams, rest: string) => import("../core/app.js").View} */
export function open() {
  return { element: h("section", { class: "page" }), title: "Folders" };
}
