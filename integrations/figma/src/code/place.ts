/** Puts results into the document: one above its source, several beside each other. Undo takes all of it back at once. */
import type { Box, Matrix, Place, Placement } from "../messages.ts";
import { beside } from "./compare.ts";
import { lay, sceneNode } from "./exporting.ts";
import { inverse, times, turned } from "../geometry.ts";
import { arranges, containerTransform, homeOf, pageOf, type Home } from "./parents.ts";
import { ready, shown, sign, type Ready, type Shown } from "./pictures.ts";

/** Where results go. */
export interface Target {
  page: PageNode;
  /** The node that was read, unless it is gone. */
  source: SceneNode | null;
  /** From pixels of the source to units of the page. */
  toPage: Matrix;
  /** The source's pixels. */
  width: number;
  height: number;
}

/** What was put into the document, and what is to be said about it. */
export interface Placed {
  nodes: SceneNode[];
  notes: string[];
}

export async function place({ place, title, pictures }: Placement): Promise<{ nodes: string[]; notes: string[] }> {
  const target = await targetOf(place);
  const made = pictures.map(ready);
  const [only] = made;
  const placed: Placed = { nodes: [], notes: [] };
  // Whatever takes time comes first: what changes the document runs without a pause, and is one step.
  const work = made.length === 1 && only ? () => above(target, only, placed) : await beside(target, title, made, placed);
  figma.commitUndo();
  try {
    work();
  } catch (error) {
    for (const node of placed.nodes) if (!node.removed) node.remove();
    throw error;
  } finally {
    figma.commitUndo();
  }
  return { nodes: placed.nodes.map(({ id }) => id), notes: placed.notes };
}

async function targetOf({ node, width, height, toPage }: Place): Promise<Target> {
  const source = await sceneNode(node);
  const page = source ? pageOf(source) : figma.currentPage;
  // Only the page that is looked at is sure to be there.
  await page.loadAsync();
  // The source may have been moved since it was read: the result goes where it is now.
  return { page, source, width, height, toPage: source ? lay(source, width, height) : toPage };
}

/** One result, directly above its source. */
function above({ page, source, toPage }: Target, made: Ready, placed: Placed): void {
  const home: Home = source
    ? homeOf(source)
    : { parent: page, index: page.children.length, note: "The source is gone: the result lies where it was." };
  const { transform, width, height } = turned(toPage, made.picture.area);
  const node: Shown = shown(made, width, height);
  placed.nodes.push(node);
  sign(node, made.picture, "layer");
  home.parent.insertChild(home.index, node);
  if (arranges(home.parent)) node.layoutPositioning = "ABSOLUTE";
  node.relativeTransform = times(inverse(containerTransform(home.parent)), transform);
  // It goes along when its frame is resized.
  if (source && source.parent === home.parent && "constraints" in source) node.constraints = source.constraints;
  if (home.note) placed.notes.push(home.note);
}

/** The upright rectangle around the source as it is seen. */
export function seen({ toPage: [[a, b, u], [c, d, v]], width, height }: Target): Box {
  const across = [0, a * width, b * height, a * width + b * height];
  const down = [0, c * width, d * height, c * width + d * height];
  const x = Math.min(...across);
  const y = Math.min(...down);
  return { x: u + x, y: v + y, width: Math.max(...across) - x, height: Math.max(...down) - y };
}
