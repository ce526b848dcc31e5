/** Pixels of a node, and where they lie on its page. Nothing of the document is touched. */
import type { Exported, Matrix } from "../messages.ts";
import { over, times } from "../geometry.ts";
import { boxOf } from "./sight.ts";
import { Told } from "./told.ts";

/** By how many pixels a side may differ from what was expected: edges between two pixels are rounded. */
const ROUNDED = 1.5;

export async function sceneNode(id: string): Promise<SceneNode | null> {
  const node = await figma.getNodeByIdAsync(id);
  if (!node || node.removed || node.type === "DOCUMENT" || node.type === "PAGE") return null;
  return node;
}

/** A PNG of a node, so many pixels wide. */
export async function exported(id: string, width: number): Promise<Exported> {
  const node = await sceneNode(id);
  if (!node) throw new Told("The selected layer is gone", "Select another one.");
  const bytes = await node.exportAsync({
    format: "PNG",
    // The width and not a scale: a scale would be rounded in both directions.
    constraint: { type: "WIDTH", value: width },
    // All of it, also where a text's letters or a frame's contents do not reach its edges.
    useAbsoluteBounds: true,
    // One meaning of every number, whatever profile the document has.
    colorProfile: "SRGB",
  });
  const size = sizeOfPng(bytes);
  return { bytes, ...size, toPage: lay(node, size.width, size.height) };
}

/**
 * Where a picture of so many pixels lies that was exported from a node. Figma's typings leave open what an export of a
 * turned node shows: what is seen on the canvas, with its corners empty, or the node as if it stood upright. The shape
 * of the picture tells.
 */
export function lay(node: SceneNode, width: number, height: number): Matrix {
  const seen = boxOf(node);
  const fits = (wide: number, high: number) => Math.abs((high * width) / wide - height) <= ROUNDED;
  if (seen && fits(seen.width, seen.height)) return over(seen, width, height);
  if ("absoluteTransform" in node && fits(node.width, node.height)) {
    const own: Matrix = [
      [node.width / width, 0, 0],
      [0, node.height / height, 0],
    ];
    return times(node.absoluteTransform, own);
  }
  // With a shadow or a thick stroke around it.
  const drawn = "absoluteRenderBounds" in node ? node.absoluteRenderBounds : null;
  if (drawn && fits(drawn.width, drawn.height)) return over(drawn, width, height);
  return over(seen ?? { x: 0, y: 0, width, height }, width, height);
}

/** Width and height stand at the same place in every PNG. */
export function sizeOfPng(bytes: Uint8Array): { width: number; height: number } {
  const number = (at: number) => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(at);
  if (bytes.length < 24 || number(12) !== 0x49484452) throw new Told("Figma gave no picture of this layer");
  return { width: number(16), height: number(20) };
}
