/** Finds the layers that results have become. */
import { sighted } from "./sight.ts";
import { DATA, madeOf } from "./sight.ts";
import type { Sighted } from "../messages.ts";

/** Shows the layer of an artifact and takes the person to it; `false` where the document has none. */
export async function show(artifact: string): Promise<boolean> {
  const node = await layerOf(artifact, ["layer"]);
  if (!node) return false;
  for (let page: BaseNode | null = node; page; page = page.parent) {
    if (page.type === "PAGE" && page !== figma.currentPage) await figma.setCurrentPageAsync(page);
  }
  if (!node.visible) {
    figma.commitUndo();
    node.visible = true;
    figma.commitUndo();
  }
  figma.currentPage.selection = [node];
  figma.viewport.scrollAndZoomIntoView([node]);
  return true;
}

/** The layer of an artifact as a source: the one in its place before one in a comparison. */
export async function find(artifact: string): Promise<Sighted | null> {
  const node = await layerOf(artifact, ["layer", "compare"]);
  return node ? sighted(node) : null;
}

async function layerOf(artifact: string, uses: string[]): Promise<SceneNode | null> {
  const pages = [figma.currentPage, ...figma.root.children.filter((page) => page !== figma.currentPage)];
  for (const page of pages) {
    await page.loadAsync();
    const all = page.findAllWithCriteria({ pluginData: { keys: [DATA.artifact] } });
    const own = all.filter((node) => madeOf(node)?.artifact === artifact);
    for (const use of uses) {
      const node = own.find((it) => it.getPluginData(DATA.place) === use);
      if (node) return node;
    }
  }
  return null;
}
