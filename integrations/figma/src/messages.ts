/**
 * What the two halves of the plugin say to each other, and nothing else is said. The sandbox knows the scene and the
 * storage; the UI knows the network and the pixels. Every message is plain data that a structured clone keeps.
 */

/** `[[a, b, x], [c, d, y]]`, as Figma writes them: rows of an affine matrix. */
export type Matrix = [[number, number, number], [number, number, number]];

/** An upright rectangle. */
export interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** A sentence for the person, and what to do. */
export interface Said {
  text: string;
  hint?: string;
}

/** What a node is to a transform. */
export type Part = "picture" | "shape" | "other";

/** A selected node, as far as the UI needs it. Cheap to make: nothing was exported. */
export interface Sighted {
  id: string;
  name: string;
  /** Figma's own word: `FRAME`, `RECTANGLE`, … */
  kind: string;
  /** It shows a picture, is a shape without one (and may serve as a mask), or something else. */
  part: Part;
  /** Where it is seen, upright, in units of its page. */
  box: Box;
  /** The pixels that one unit has in it: those of its picture where it has one, else 1. */
  density: number;
  /** Ids of what it lies in, the nearest first. */
  within: string[];
  /** Why it cannot be sent. */
  problem?: Said;
  /** What it was made from, where Easel made it. */
  made?: Made;
}

/** Which result a node shows. */
export interface Made {
  artifact: string;
  job: string;
  transform: string;
}

/** What a picture in the plugin is: a PNG, and where its pixels lie on the page. */
export interface Exported {
  bytes: Uint8Array;
  width: number;
  height: number;
  /** From pixels of the picture to units of the page. */
  toPage: Matrix;
}

/** One PNG of a result. A result larger than Figma takes comes in several. */
export interface Tile extends Box {
  bytes: Uint8Array;
}

/** One result that becomes a layer. */
export interface Picture extends Made {
  /** The layer's name. */
  name: string;
  /** What stands above it where several lie side by side. */
  label: string;
  /** What the relaunch buttons say below themselves. */
  about: string;
  /** The part of the source that it covers, in pixels of the source. */
  area: Box;
  /** Its own size in pixels, which tiles count in. */
  width: number;
  height: number;
  tiles: Tile[];
}

/** Where results belong. Kept from the moment the source was read, so that a source that is gone does no harm. */
export interface Place {
  /** The node that they go above. */
  node: string;
  /** The size of the picture that was read from it, in pixels. */
  width: number;
  height: number;
  toPage: Matrix;
}

/** Results that arrive together: one lies above its source, several lie side by side. */
export interface Placement {
  place: Place;
  /** The name of the frame around several. */
  title: string;
  pictures: Picture[];
}

/** A request that the sandbox makes in the UI's place. */
export interface Carried {
  url: string;
  method: string;
  headers: Record<string, string>;
  body?: string | Uint8Array;
}

/** What came back of it. */
export interface Answered {
  status: number;
  headers: Record<string, string>;
  body: Uint8Array;
}

/** What is kept on this computer, in `figma.clientStorage` and nowhere else. */
export interface Kept {
  token: string;
  settings: unknown;
  begun: unknown;
}

/** Everything that the UI asks the sandbox for, with what it gives. */
export interface Calls {
  /** A PNG of a node, so many pixels wide. */
  export: { asks: { node: string; width: number }; gives: Exported };
  /** Puts results into the document, in one step that undo takes back. */
  place: { asks: { placement: Placement }; gives: { nodes: string[]; notes: string[] } };
  /** Shows the layer that an artifact has become; `false` where there is none. */
  show: { asks: { artifact: string }; gives: boolean };
  /** The layer that an artifact has become, as a source to go on from. */
  find: { asks: { artifact: string }; gives: Sighted | null };
  /** The document's own id, made where it has none. */
  document: { asks: Record<never, never>; gives: string };
  /** Makes a request. */
  carry: { asks: Carried; gives: Answered };
  /** Keeps a value, or forgets it where it is `null`. */
  keep: { asks: { [Name in keyof Kept]: { name: Name; value: Kept[Name] | null } }[keyof Kept]; gives: null };
  /** Opens an address in the browser. */
  open: { asks: { url: string }; gives: null };
}

export type CallName = keyof Calls;

/** One question of the UI. */
export type Call = { [Name in CallName]: { to: Name } & Calls[Name]["asks"] }[CallName];

/** Commands of the menu and of the relaunch buttons. */
export type Command = "open" | "iterate" | "re-run" | "unpair";

/** From the UI to the sandbox. */
export type ToCode = { type: "opened" } | { type: "call"; id: number; call: Call };

/** From the sandbox to the UI. */
export type ToUi =
  | { type: "begin"; command: Command; kept: Partial<Kept>; document: string; file: string; selection: Sighted[] }
  | { type: "selection"; selection: Sighted[] }
  | { type: "answer"; id: number; value: unknown }
  | { type: "failed"; id: number; said: Said };
