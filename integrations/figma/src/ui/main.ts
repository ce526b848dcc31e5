/** Starts the UI: finds the daemon, lets a person pair, and shows the panel; starts over where the token is not good. */
import { fill, h } from "../../../web/core/dom.js";
import { EaselError, Session, pause } from "../../../web/core/wire.js";
import type { ToUi } from "../messages.ts";
import { away, connecting } from "./away.ts";
import { Bridge } from "./bridge.ts";
import { readBegun, readSettings, type Settings } from "./kept.ts";
import { open, type Opened } from "./open.ts";
import { paired } from "./pairing.ts";
import { baseOf, reach, sandboxFetch, type Found } from "./reach.ts";

type Begin = Extract<ToUi, { type: "begin" }>;

/** Before a daemon that cannot be reached is looked for again. */
const AGAIN_MS = 3000;

const place = document.getElementById("view") as HTMLElement;
let opened: Opened | null = null;

const bridge = new Bridge((message) => {
  if (message.type === "begin") void run(message);
  else opened?.select(message.selection);
});
bridge.open();

async function run(begin: Begin): Promise<void> {
  const settings = readSettings(begin.kept.settings);
  const begun = readBegun(begin.kept.begun);
  let token = typeof begin.kept.token === "string" ? begin.kept.token : "";
  let { selection, command } = begin;
  for (;;) {
    const found = await arrive(settings);
    const base = baseOf(settings.port);
    const fetcher = found.way === "sandbox" ? sandboxFetch(bridge) : undefined;
    try {
      if (!token || !(await isGood(new Session(base, token, fetcher)))) {
        const problem = token ? "The daemon does not know this plugin any more. Pair it again." : "";
        token = await paired(place, base, fetcher, problem);
        await bridge.call("keep", { name: "token", value: token });
      }
      const session = new Session(base, token, fetcher);
      opened = open({ place, session, bridge, settings, begun, found, command, selection, document: begin.document });
      const end = await opened.ended;
      selection = end.selection;
      if (end.isForgotten) token = "";
      // What the command asked for was done.
      command = "open";
    } catch (error) {
      fill(place, h("p", { class: "empty", role: "alert" }, `Easel cannot go on: ${(error as Error).message}`));
      await pause(AGAIN_MS);
    }
    opened = null;
  }
}

/** Waits until something answers, and says meanwhile what may be wrong. */
async function arrive(settings: Settings): Promise<Found & { way: "frame" | "sandbox" }> {
  const view = connecting(place);
  for (;;) {
    const found = await reach(baseOf(settings.port), bridge, () => view.asking());
    if (found.way) return found;
    const port = await away(place, found.blocked, settings.port, { again: () => pause(AGAIN_MS), open: (url) => void bridge.call("open", { url }) });
    if (port !== settings.port) {
      settings.port = port;
      await bridge.call("keep", { name: "settings", value: settings });
    }
  }
}

async function isGood(session: Session): Promise<boolean> {
  try {
    await session.call("server.info", {});
    return true;
  } catch (error) {
    if (error instanceof EaselError) return error.kind !== "unauthorized";
    throw error;
  }
}

