/** How panes share a place: the source beside or above its results, so that pictures become as large as they can. Pure. */

const GAP = 8;
/** The longer side of a picture in CSS pixels below which a place scrolls instead. */
const SMALLEST = 150;

/** @typedef {{ columns: number, rows: number, side: "left" | "top", height: number }} Layout `height` of a row where they scroll, else 0 */

/**
 * @param {number} width of the place, in CSS pixels
 * @param {number} height
 * @param {number} results
 * @param {number} aspect width to height of the picture
 * @param {number} caption height
 * @returns {Layout}
 */
export function layout(width, height, results, aspect, caption) {
  /** @type {Layout & { score: number }} */
  let best = { columns: 1, rows: 1, side: "left", height: 0, score: 0 };
  for (let columns = 1; columns <= results; columns += 1) {
    const rows = Math.ceil(results / columns);
    // Rows that would stay empty are another layout's.
    if ((rows - 1) * columns >= results) continue;
    const left = score(width, height, columns + 1, rows, aspect, caption);
    const top = score(width, height, columns, rows + 1, aspect, caption);
    if (left > best.score) best = { columns, rows, side: "left", height: 0, score: left };
    if (top > best.score) best = { columns, rows, side: "top", height: 0, score: top };
  }
  if (best.score * Math.max(1, aspect) >= Math.min(SMALLEST, width)) return best;
  const columns = results > 1 && width >= 2 * SMALLEST ? 2 : 1;
  const picture = (width - GAP * (columns - 1)) / columns / aspect;
  return {
    columns,
    rows: Math.ceil(results / columns),
    side: "top",
    height: Math.round(Math.min(Math.max(picture, 120), 480)) + caption,
  };
}

/** How high a picture is where so many share the place.
 * @param {number} width @param {number} height @param {number} columns @param {number} rows @param {number} aspect @param {number} caption */
function score(width, height, columns, rows, aspect, caption) {
  const across = (width - GAP * (columns - 1)) / columns;
  const down = (height - GAP * (rows - 1)) / rows - caption;
  return Math.min(across / aspect, down);
}
