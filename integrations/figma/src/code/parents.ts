/** Where a new layer goes: directly above its source, or as near as Figma allows. */
import { NOTHING } from "../geometry.ts";
import { ancestors } from "./sight.ts";
import type { Matrix } from "../messages.ts";

/** A parent that takes new layers, and the place among its children. */
export interface Home {
  parent: BaseNode & ChildrenMixin;
  index: number;
  /** Why it is not the source's own parent. */
  note?: string;
}

/** Nodes whose children a plugin may add to without changing what they are. */
const OPEN: readonly string[] = ["PAGE", "FRAME", "GROUP", "COMPONENT", "SECTION"];

export function homeOf(node: SceneNode): Home {
  let below: BaseNode = node;
  let blocked: BaseNode | undefined;
  // An instance is closed at any depth, so the outermost one counts.
  const line = ancestors(node);
  const closed = line.map(({ type }) => !OPEN.includes(type)).lastIndexOf(true);
  if (closed >= 0) {
    blocked = line[closed];
    below = blocked ?? node;
  }
  const parent = below.parent as (BaseNode & ChildrenMixin) | null;
  if (!parent) return { parent: figma.currentPage, index: figma.currentPage.children.length };
  const index = parent.children.indexOf(below as SceneNode) + 1;
  if (!blocked) return { parent, index };
  return { parent, index, note: `${blocked.name} takes no new layers: the result lies above all of it.` };
}

/**
 * The coordinates that `relativeTransform` counts in: those of the nearest frame, since groups only follow what lies
 * in them.
 */
export function containerTransform(parent: BaseNode): Matrix {
  for (let at: BaseNode | null = parent; at; at = at.parent) {
    if (at.type === "PAGE" || at.type === "DOCUMENT") break;
    if (at.type !== "GROUP" && "absoluteTransform" in at) return at.absoluteTransform;
  }
  return NOTHING;
}

/** Whether a parent would move a new child around. */
export function arranges(parent: BaseNode): boolean {
  return "layoutMode" in parent && parent.layoutMode !== "NONE";
}

export function pageOf(node: BaseNode): PageNode {
  for (let at: BaseNode | null = node; at; at = at.parent) {
    if (at.type === "PAGE") return at;
  }
  return figma.currentPage;
}
