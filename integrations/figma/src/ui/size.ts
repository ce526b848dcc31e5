/** How large a layer is exported, and what is to be said about it. Pure. */
import { size as sizeWord } from "../../../web/core/words.js";
import type { Sighted } from "../messages.ts";
import { LIMIT, grid } from "./bring.ts";

/** Above 4096 px: in several pictures with every pixel, or scaled down to one. */
export type Large = "tiles" | "scale";

/** What browsers and Figma can hold in one picture, whatever the daemon allows. */
const SIDE = 16_384;
const PIXELS = 120e6;

export interface Exporting {
  width: number;
  height: number;
  /** A sentence where it is not simply every pixel in one picture. */
  note: string;
}

export function exporting({ box, density }: Sighted, large: Large): Exporting {
  const full = { width: box.width * density, height: box.height * density };
  const side = large === "scale" ? LIMIT : SIDE;
  const fits = Math.min(1, side / Math.max(full.width, full.height), Math.sqrt(PIXELS / (full.width * full.height)));
  const width = Math.max(1, Math.round(full.width * fits));
  const height = Math.max(1, Math.round((width / full.width) * full.height));
  let note = "";
  if (fits < 1) {
    note = `Scaled down from ${sizeWord(Math.round(full.width), Math.round(full.height))} px`;
    if (large === "scale") note += ", since one picture in Figma ends at 4096 px";
  } else {
    const tiles = grid(width, height).length;
    if (tiles > 1) note = `Comes back as ${tiles} pictures in one frame: one in Figma ends at 4096 px`;
  }
  return { width, height, note: note && `${note}.` };
}
