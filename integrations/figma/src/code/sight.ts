/** Looks at the selected nodes: what each is, where it is seen, and how many pixels it has. Exports nothing. */
import type { Made, Part, Said, Sighted } from "../messages.ts";

/** What is kept with every node that Easel made. */
export const DATA = { artifact: "easel.artifact", job: "easel.job", transform: "easel.transform", place: "easel.place" };

/** Nodes that show others. */
const CONTAINERS: readonly string[] = ["FRAME", "GROUP", "COMPONENT", "COMPONENT_SET", "INSTANCE", "SECTION", "SLOT"];

/** Nodes that are drawn by themselves, and can serve as masks. */
const SHAPES = ["RECTANGLE", "ELLIPSE", "POLYGON", "STAR", "VECTOR", "BOOLEAN_OPERATION", "TEXT"] as const;

/** A picture within a container counts where it covers at least this share of it. */
const MOST = 0.5;

/** Sizes of pictures by their hashes: they never change. */
const sizes = new Map<string, Promise<{ width: number; height: number } | null>>();

/** The selected nodes, the lowest first: Figma leaves the order of a selection open. */
export async function selection(): Promise<Sighted[]> {
  const nodes = figma.currentPage.selection.map((node) => ({ node, path: pathOf(node) }));
  nodes.sort((one, other) => compared(one.path, other.path));
  return Promise.all(nodes.map(({ node }) => sighted(node)));
}

export async function sighted(node: SceneNode): Promise<Sighted> {
  const box = boxOf(node);
  const made = madeOf(node);
  const problem = problemOf(node);
  return {
    id: node.id,
    name: node.name,
    kind: node.type,
    part: partOf(node),
    box: box ?? { x: 0, y: 0, width: 0, height: 0 },
    density: problem ? 1 : await densityOf(node),
    within: ancestors(node).map(({ id }) => id),
    ...(problem ? { problem } : {}),
    ...(made ? { made } : {}),
  };
}

/** What Easel wrote into a node. */
export function madeOf(node: BaseNode): Made | undefined {
  const artifact = node.getPluginData(DATA.artifact);
  if (!artifact) return undefined;
  return { artifact, job: node.getPluginData(DATA.job), transform: node.getPluginData(DATA.transform) };
}

/** Where a node is seen, upright, in units of its page. */
export function boxOf(node: SceneNode): Rect | null {
  return "absoluteBoundingBox" in node ? node.absoluteBoundingBox : null;
}

export function ancestors(node: BaseNode): BaseNode[] {
  const found: BaseNode[] = [];
  for (let at = node.parent; at && at.type !== "DOCUMENT"; at = at.parent) found.push(at);
  return found;
}

/** The visible pictures among a node's fills. */
function picturesOf(node: SceneNode): ImagePaint[] {
  if (!("fills" in node) || typeof node.fills === "symbol") return [];
  return node.fills.filter((paint): paint is ImagePaint => paint.type === "IMAGE" && paint.visible !== false && !!paint.imageHash);
}

function partOf(node: SceneNode): Part {
  if (picturesOf(node).length || CONTAINERS.includes(node.type)) return "picture";
  return (SHAPES as readonly string[]).includes(node.type) ? "shape" : "other";
}

function problemOf(node: SceneNode): Said | undefined {
  const hidden = [node, ...ancestors(node)].find((it) => "visible" in it && !it.visible);
  if (hidden) {
    const text = hidden === node ? `${node.name} is hidden` : `${node.name} lies in ${hidden.name}, which is hidden`;
    return { text, hint: "Figma gives no pixels of what is hidden: show it first." };
  }
  const box = boxOf(node);
  if (!("exportAsync" in node) || !box || box.width < 0.01 || box.height < 0.01) {
    return { text: `${node.name} has no pixels`, hint: "Select a frame, an image or a shape." };
  }
  return undefined;
}

/** How many pixels a unit of a node has: those of its picture, so that none is lost and none is made up. */
async function densityOf(node: SceneNode): Promise<number> {
  const own = await densest(node);
  if (own) return own;
  if (!("findAllWithCriteria" in node)) return 1;
  const box = boxOf(node);
  if (!box) return 1;
  const inside = node.findAllWithCriteria({ types: [...SHAPES, "FRAME"] }).filter((child) => {
    const part = boxOf(child);
    return part && part.width * part.height >= MOST * box.width * box.height;
  });
  const found = await Promise.all(inside.map(densest));
  return Math.max(1, ...found);
}

async function densest(node: SceneNode): Promise<number> {
  const found = await Promise.all(picturesOf(node).map((paint) => densityOfPaint(node, paint)));
  return Math.max(0, ...found);
}

async function densityOfPaint(node: SceneNode, paint: ImagePaint): Promise<number> {
  const size = await sizeOf(paint.imageHash ?? "");
  if (!size || !("width" in node)) return 0;
  // A picture that is turned by a quarter lies with its height along the node's width.
  const quarters = Math.round((paint.rotation ?? 0) / 90);
  const across = (quarters % 2 ? size.height : size.width) / node.width;
  const down = (quarters % 2 ? size.width : size.height) / node.height;
  switch (paint.scaleMode) {
    case "FILL":
      return Math.min(across, down);
    case "FIT":
      return Math.max(across, down);
    case "TILE":
      return paint.scalingFactor ? 1 / paint.scalingFactor : 1;
    case "CROP": {
      const [[a, b], [c, d]] = paint.imageTransform ?? [
        [1, 0, 0],
        [0, 1, 0],
      ];
      const wide = Math.hypot(a * size.width, c * size.height) / node.width;
      return Math.max(wide, Math.hypot(b * size.width, d * size.height) / node.height);
    }
    default:
      return 0;
  }
}

function sizeOf(hash: string): Promise<{ width: number; height: number } | null> {
  const known = sizes.get(hash);
  if (known) return known;
  // A picture that cannot be fetched now is looked for again next time.
  const size = figma.getImageByHash(hash)?.getSizeAsync() ?? Promise.resolve(null);
  const settled = size.catch(() => {
    sizes.delete(hash);
    return null;
  });
  sizes.set(hash, settled);
  return settled;
}

/** The places of a node and of what it lies in, from the page down: what lies above comes later. */
function pathOf(node: SceneNode): number[] {
  const path: number[] = [];
  for (let at: BaseNode = node; at.parent && at.parent.type !== "DOCUMENT"; at = at.parent) {
    path.unshift(at.parent.children.indexOf(at as SceneNode));
  }
  return path;
}

function compared(one: number[], other: number[]): number {
  for (let at = 0; at < Math.min(one.length, other.length); at += 1) {
    const apart = (one[at] ?? 0) - (other[at] ?? 0);
    if (apart) return apart;
  }
  return one.length - other.length;
}
