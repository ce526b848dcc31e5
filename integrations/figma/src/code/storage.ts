/** What is kept: on this computer the token and the settings, with the document nothing but an id. */
import type { Kept } from "../messages.ts";

const NAMES: (keyof Kept)[] = ["token", "settings", "begun"];
const DOCUMENT = "easel.document";

/** Everything that `figma.clientStorage` keeps for the plugin. */
export async function kept(): Promise<Partial<Kept>> {
  const found: Partial<Record<keyof Kept, unknown>> = {};
  for (const name of NAMES) {
    const value: unknown = await figma.clientStorage.getAsync(name);
    if (value !== undefined) found[name] = value;
  }
  return found as Partial<Kept>;
}

export async function keep(name: keyof Kept, value: unknown): Promise<void> {
  if (!NAMES.includes(name)) throw new Error(`nothing is kept as ${name}`);
  if (value === null) await figma.clientStorage.deleteAsync(name);
  else await figma.clientStorage.setAsync(name, value);
}

let known = "";

/** The document's id, empty where nothing was transformed in it yet. */
export function documentId(): string {
  return figma.root.getPluginData(DOCUMENT) || known;
}

/** The same, made where there is none. Whoever copies the file copies its history with it, which is as it should be. */
export function ensureDocumentId(): string {
  known = documentId() || newId();
  if (figma.root.getPluginData(DOCUMENT) !== known) {
    // A step of its own, or undo would take it back together with a result.
    figma.commitUndo();
    figma.root.setPluginData(DOCUMENT, known);
    figma.commitUndo();
  }
  return known;
}

/** No secret: it only keeps documents apart. The sandbox has no `crypto`. */
function newId(): string {
  const part = () => Math.floor(Math.random() * 0x100000000).toString(16).padStart(8, "0");
  return `figma-${Date.now().toString(16)}-${part()}${part()}`;
}
