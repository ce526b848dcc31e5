/**
 * Draws the whole picture that a pane shows: the source, and what a model changed in its place.
 * @import { Region } from "../../../typescript/protocol.ts"
 * @import { Camera } from "./camera.js"
 * @import { Layer } from "./layers.js"
 */

/** Beyond this a pixel is shown as a square: somebody counts them. */
const SQUARES = 2;
/** What a change is marked with; the same as in the daemon's map. */
const CHANGED = "#ff00aa";
/** The side of a square behind transparency, in CSS pixels. */
const SQUARE = 8;

/**
 * @typedef {object} Scene
 * @property {Layer | undefined} source
 * @property {Layer | undefined} result absent: the source alone
 * @property {Region | undefined} area where the result lies
 * @property {ImageBitmap | undefined} changes the map of what changed, to be laid over it
 * @property {boolean} grown the picture reaches beyond its source, which is the change
 * @property {number} split the share of the pane, from the left, that shows the source
 */

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Camera} camera
 * @param {Scene} scene
 * @param {readonly [string, string]} behind the two greys behind transparency
 */
export function paint(context, camera, scene, behind) {
  const { width, height } = context.canvas;
  const [x = 0, y = 0] = camera.corner(width, height);
  const frame = { x, y, scale: camera.scale };
  context.reset();
  context.imageSmoothingQuality = "high";
  const divider = Math.round(scene.split * width);
  if (divider > 0 && scene.source) {
    within(context, 0, divider, () => drawSource(context, frame, scene));
  }
  if (divider < width && scene.result) {
    within(context, divider, width - divider, () => drawResult(context, frame, scene));
  }
  drawBehind(context, frame, scene, behind);
}

/** @typedef {{ x: number, y: number, scale: number }} Frame where the source's corner lies, and how large a pixel is */

/** @param {CanvasRenderingContext2D} context @param {Frame} frame @param {Scene} scene */
function drawSource(context, frame, { source }) {
  if (source) draw(context, source, rectangle(frame, { x: 0, y: 0, width: source.width, height: source.height }));
}

/** @param {CanvasRenderingContext2D} context @param {Frame} frame @param {Scene} scene */
function drawResult(context, frame, scene) {
  const { source, result, area, changes } = scene;
  if (!result || !area) return;
  const place = rectangle(frame, area);
  if (source && (area.x > 0 || area.y > 0 || area.width < source.width || area.height < source.height)) {
    // The source around it, and not below it, where a result may be transparent. Places do not end on pixels of the
    // screen: those that a place covers in part have the source below, so that no seam shows.
    const [x, y, width, height] = place;
    const [left, top] = [Math.ceil(x), Math.ceil(y)];
    context.save();
    if (result.at(Math.max(width, height))) {
      context.beginPath();
      context.rect(0, 0, context.canvas.width, context.canvas.height);
      context.rect(left, top, Math.max(0, Math.floor(x + width) - left), Math.max(0, Math.floor(y + height) - top));
      context.clip("evenodd");
    }
    drawSource(context, frame, scene);
    context.restore();
  }
  draw(context, result, place);
  if (changes && !scene.grown) context.drawImage(changes, ...place);
  if (changes && scene.grown && source) {
    // The source within keeps every bit; the borders are the change.
    context.beginPath();
    context.rect(...place);
    context.rect(...rectangle(frame, { x: 0, y: 0, width: source.width, height: source.height }));
    context.fillStyle = CHANGED;
    context.globalAlpha = 0.5;
    context.fill("evenodd");
    context.globalAlpha = 1;
  }
}

/** @param {CanvasRenderingContext2D} context @param {Layer} layer @param {Rectangle} place */
function draw(context, layer, place) {
  const [, , width, height] = place;
  const bitmap = layer.at(Math.max(width, height));
  if (!bitmap) return;
  context.imageSmoothingEnabled = !layer.isExact || width / layer.width <= SQUARES;
  context.drawImage(bitmap, ...place);
}

/** A quiet pattern where a picture is transparent. Laid below what is drawn already.
 * @param {CanvasRenderingContext2D} context @param {Frame} frame @param {Scene} scene @param {readonly [string, string]} behind */
function drawBehind(context, frame, { source, result, area }, behind) {
  const covered = result && area ? area : source && { x: 0, y: 0, width: source.width, height: source.height };
  if (!covered) return;
  const pattern = context.createPattern(squares(behind), "repeat");
  if (!pattern) return;
  context.globalCompositeOperation = "destination-over";
  context.fillStyle = pattern;
  context.fillRect(...rectangle(frame, covered));
  context.globalCompositeOperation = "source-over";
}

/** @type {Map<string, HTMLCanvasElement>} */
const tiles = new Map();

/** @param {readonly [string, string]} greys */
function squares([one, other]) {
  const side = Math.max(1, Math.round(SQUARE * devicePixelRatio));
  const name = `${one} ${other} ${side}`;
  const known = tiles.get(name);
  if (known) return known;
  const tile = document.createElement("canvas");
  tile.width = tile.height = 2 * side;
  const context = /** @type {CanvasRenderingContext2D} */ (tile.getContext("2d"));
  context.fillStyle = one;
  context.fillRect(0, 0, 2 * side, 2 * side);
  context.fillStyle = other;
  context.fillRect(side, 0, side, side);
  context.fillRect(0, side, side, side);
  tiles.set(name, tile);
  return tile;
}

/** @typedef {[x: number, y: number, width: number, height: number]} Rectangle in pixels of the screen */

/** @param {Frame} frame @param {Region} region @returns {Rectangle} */
function rectangle({ x, y, scale }, region) {
  return [x + region.x * scale, y + region.y * scale, region.width * scale, region.height * scale];
}

/** @param {CanvasRenderingContext2D} context @param {number} left @param {number} width @param {() => void} work */
function within(context, left, width, work) {
  context.save();
  context.beginPath();
  context.rect(left, 0, width, context.canvas.height);
  context.clip();
  work();
  context.restore();
}
