/** The sandbox's half: shows the UI, tells it what is selected, and does what it asks for. */
import type { Call, Calls, CallName, Command, ToCode, ToUi } from "../messages.ts";
import { carry } from "./carry.ts";
import { exported } from "./exporting.ts";
import { find, show } from "./layers.ts";
import { place } from "./place.ts";
import { selection } from "./sight.ts";
import { documentId, ensureDocumentId, keep, kept } from "./storage.ts";
import { saidOf } from "./told.ts";

const WIDTH = 360;
const HEIGHTS = { least: 480, most: 820, left: 160 };

/** Changes come in bursts. */
const SETTLED = 120;

const answers: { [Name in CallName]: (asked: Calls[Name]["asks"]) => Promise<Calls[Name]["gives"]> } = {
  export: ({ node, width }) => exported(node, width),
  place: ({ placement }) => place(placement),
  show: ({ artifact }) => show(artifact),
  find: ({ artifact }) => find(artifact),
  document: async () => ensureDocumentId(),
  carry,
  keep: async ({ name, value }) => {
    await keep(name, value);
    return null;
  },
  open: async ({ url }) => {
    figma.openExternal(url);
    return null;
  },
};

function tell(message: ToUi): void {
  figma.ui.postMessage(message);
}

async function answer(id: number, call: Call): Promise<void> {
  try {
    // The map and the call are of one type; TypeScript cannot follow it through a variable.
    const value = await (answers[call.to] as (asked: Call) => Promise<unknown>)(call);
    tell({ type: "answer", id, value });
  } catch (error) {
    tell({ type: "failed", id, said: saidOf(error) });
  }
}

let looks = 0;
let waiting: number | undefined;

/** Tells what is selected, once things have settled; only the last look counts. */
function look(): void {
  if (waiting !== undefined) clearTimeout(waiting);
  waiting = setTimeout(async () => {
    looks += 1;
    const own = looks;
    const seen = await selection();
    if (own === looks) tell({ type: "selection", selection: seen });
  }, SETTLED);
}

let watched: PageNode | undefined;

/** The source may be moved, resized or painted while it is selected. */
function watch(): void {
  watched?.off("nodechange", look);
  watched = figma.currentPage;
  watched.on("nodechange", look);
  look();
}

async function begin(): Promise<void> {
  const command = (figma.command || "open") as Command;
  if (command === "unpair") await keep("token", null);
  tell({ type: "begin", command, kept: await kept(), document: documentId(), file: figma.root.name, selection: await selection() });
  figma.on("selectionchange", look);
  figma.on("currentpagechange", watch);
  watch();
}

function height(): number {
  const { bounds, zoom } = figma.viewport;
  return Math.max(HEIGHTS.least, Math.min(HEIGHTS.most, Math.round(bounds.height * zoom) - HEIGHTS.left));
}

// Nothing that is hidden within an instance is read or written; without this, Figma would look through all of it.
figma.skipInvisibleInstanceChildren = true;
figma.showUI(__html__, { width: WIDTH, height: height(), themeColors: true, title: "Easel" });
figma.ui.onmessage = (message: ToCode) => {
  if (message.type === "opened") void begin();
  else void answer(message.id, message.call);
};
