/** The few signs of the toolbar, as lines of one weight; each stands in a button that has a name. */
import { svg } from "./dom.js";

/** @type {Readonly<Record<string, string>>} */
const PATHS = {
  move: "M8 1.5v13M1.5 8h13M8 1.5 6 3.5M8 1.5l2 2M8 14.5l-2-2M8 14.5l2-2M1.5 8l2-2M1.5 8l2 2M14.5 8l-2-2M14.5 8l-2 2",
  brush: "M13.5 2.5 7 9M6 8.5c1 .2 1.8 1 2 2-.3 2-2 3.5-5.5 3 1-.8 1-1.5 1.2-2.8C4 9.3 5 8.5 6 8.5Z",
  eraser: "M6.5 13.5 2.5 9.5 9 3l4.5 4.5-6 6ZM5.5 6.5l4.5 4.5M6.5 13.5h7",
  undo: "M5.5 3 2.5 6l3 3M2.5 6H9a4 4 0 0 1 0 8H6",
  redo: "m10.5 3 3 3-3 3M13.5 6H7a4 4 0 0 0 0 8h3",
  invert: "M8 2a6 6 0 1 0 0 12A6 6 0 1 0 8 2ZM8 2v12M8 4.5h3.5M8 7h5M8 9.5h5M8 12h3",
  clear: "M3 4.5h10M6.5 4.5v-2h3v2M4.5 4.5l.7 9h5.6l.7-9M7 7v4M9 7v4",
  rectangle: "M2.5 4h11v8h-11Z",
  load: "M8 10.5v-8M5 5.5l3-3 3 3M2.5 10.5v3h11v-3",
  eye: "M1.5 8C3 5 5.3 3.5 8 3.5S13 5 14.5 8C13 11 10.7 12.5 8 12.5S3 11 1.5 8ZM8 6a2 2 0 1 0 0 4 2 2 0 1 0 0-4Z",
  surround: "M2 2h12v12H2ZM5 5h6v6H5Z",
  up: "M8 13V3M4 7l4-4 4 4",
  down: "M8 3v10M4 9l4 4 4-4",
  left: "M13 8H3M7 4 3 8l4 4",
  right: "M3 8h10M9 4l4 4-4 4",
  close: "M4 4l8 8M12 4l-8 8",
};

/** @param {string} name */
export function icon(name) {
  return svg(
    "svg",
    {
      viewBox: "0 0 16 16",
      width: "16",
      height: "16",
      fill: "none",
      stroke: "currentColor",
      "stroke-width": "1.3",
      "stroke-linejoin": "round",
      "stroke-linecap": "round",
      "aria-hidden": "true",
    },
    svg("path", { d: PATHS[name] ?? "" }),
  );
}
