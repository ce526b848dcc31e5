/** Masks: one byte a pixel of the source, 255 where it may change. */
import { inverse, times } from "../geometry.ts";
import type { Box, Exported } from "../messages.ts";

export interface Mask {
  rows: Uint8Array<ArrayBuffer>;
  width: number;
  height: number;
  /** The smallest rectangle around what may change; `null` where nothing may. */
  region: Box | null;
}

/**
 * The alpha of one node in the pixels of another. It is drawn here, where nobody's document is touched: no layer is
 * cloned, moved or hidden for it.
 */
export async function maskOf(source: Exported, shape: Exported): Promise<Mask> {
  const { width, height } = source;
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext("2d", { willReadFrequently: true });
  if (!context) throw new Error("the browser gives no canvas of this size");
  const bitmap = await createImageBitmap(new Blob([shape.bytes as Uint8Array<ArrayBuffer>], { type: "image/png" }));
  const [[a, b, x], [c, d, y]] = times(inverse(source.toPage), shape.toPage);
  context.setTransform(rounded(a), rounded(c), rounded(b), rounded(d), rounded(x), rounded(y));
  context.imageSmoothingQuality = "high";
  context.drawImage(bitmap, 0, 0);
  bitmap.close();
  const { data } = context.getImageData(0, 0, width, height);
  const rows = new Uint8Array(width * height);
  for (let at = 0; at < rows.length; at += 1) rows[at] = data[at * 4 + 3] ?? 0;
  return { rows, width, height, region: regionOf(rows, width, height) };
}

/** A shape whose edges lie on pixels stays sharp: the transforms come with the noise of two divisions. */
function rounded(value: number): number {
  const near = Math.round(value);
  return Math.abs(value - near) < 1e-4 ? near : value;
}

export function regionOf(rows: Uint8Array, width: number, height: number): Box | null {
  let [left, top, right, bottom] = [width, height, -1, -1];
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      if (!rows[y * width + x]) continue;
      if (x < left) left = x;
      if (x > right) right = x;
      if (y < top) top = y;
      bottom = y;
    }
  }
  return right < 0 ? null : { x: left, y: top, width: right - left + 1, height: bottom - top + 1 };
}

/** The part of a mask that covers a rectangle. */
export function cut(rows: Uint8Array, stride: number, { x, y, width, height }: Box): Uint8Array<ArrayBuffer> {
  const part = new Uint8Array(width * height);
  for (let line = 0; line < height; line += 1) {
    const from = (y + line) * stride + x;
    part.set(rows.subarray(from, from + width), line * width);
  }
  return part;
}

/**
 * Hides a result where nothing could change: what lies below shows there with every bit it has. What may change at all
 * is shown whole, since the result is blended through the mask already.
 */
export function punch(pixels: Uint8Array, mask: Uint8Array): void {
  for (let at = 0; at < mask.length; at += 1) {
    if (!mask[at]) pixels.fill(0, at * 4, at * 4 + 4);
  }
}
