/** The panel once the daemon is there and the plugin is let in: puts the parts together, follows events, and ends when it is let in no more. */
import { fill } from "../../../web/core/dom.js";
import { Pictures } from "../../../web/core/pictures.js";
import { EaselError, type Session } from "../../../web/core/wire.js";
import { money } from "../../../web/core/words.js";
import type { Command, Sighted } from "../messages.ts";
import type { Bridge } from "./bridge.ts";
import type { Begun, Settings } from "./kept.ts";
import { Panel } from "./panel.ts";
import type { Found } from "./reach.ts";
import { Runs } from "./runs.ts";
import { Shelf } from "./shelf.ts";
import { view } from "./view/view.ts";

interface Parts {
  place: HTMLElement;
  session: Session;
  bridge: Bridge;
  settings: Settings;
  begun: Begun[];
  found: Found;
  command: Command;
  selection: Sighted[];
  document: string;
}

interface End {
  selection: Sighted[];
  /** The token is not kept any more. */
  isForgotten: boolean;
}

export interface Opened {
  select: (selection: Sighted[]) => void;
  /** Ends where the token is not good any more, the person unpaired, or the port was changed. */
  ended: Promise<End>;
}

export function open({ place, session, bridge, settings, begun, found, command, selection, document }: Parts): Opened {
  const panel = new Panel(session, bridge, settings, document);
  const shelf = new Shelf(panel);
  const runs = new Runs(panel, shelf, begun);
  const pictures = new Pictures(session);
  const stop = new AbortController();
  const connection = { up: true };

  const ended = new Promise<End>((resolve) => {
    const leave = (isForgotten = false) => {
      stop.abort();
      panel.silence();
      pictures.close();
      Object.assign(settings, panel.settings);
      resolve({ selection: panel.selection, isForgotten });
    };
    const shown = view({ panel, runs, shelf, pictures, found, unpair: () => void forget(), leave: () => leave() });
    fill(place, shown.element);
    panel.select(selection);

    const forget = async () => {
      await bridge.call("keep", { name: "token", value: null });
      leave(true);
    };

    const follow = async () => {
      try {
        const info = await session.call("server.info", {});
        void start();
        await session.follow(
          info.last_event,
          (event) => {
            runs.hear(event);
            shelf.hear(event);
          },
          {
            signal: stop.signal,
            socket: false,
            connected: (up) => {
              if (up === connection.up) return;
              connection.up = up;
              shown.connection(up);
              if (!up) return;
              // It may be another version, with other models, and events may have been missed.
              void panel.load();
              shelf.refresh();
              runs.catchUp().catch((error) => panel.fail(error));
            },
          },
        );
      } catch (error) {
        if (stop.signal.aborted) return;
        if (error instanceof EaselError && error.kind === "unauthorized") await forget();
        else leave();
      }
    };

    const start = async () => {
      await panel.load();
      await shelf.load();
      await runs.resume();
      if (command === "iterate" || command === "re-run") await relaunch(command);
    };

    /** A button in Figma's own panel, or an entry of its menu, on a layer that Easel made. */
    const relaunch = async (wanted: "iterate" | "re-run") => {
      const made = selection.find((it) => it.made)?.made;
      if (!made) {
        panel.say({ severity: "warning", text: "Select a layer that Easel made", hint: "Then it can be iterated from and re-run." });
        return;
      }
      try {
        if (wanted === "iterate") {
          const piece = await shelf.piece(made.transform, made.artifact);
          if (piece) panel.iterate(piece);
          else panel.say({ severity: "warning", text: "This result was discarded", hint: "Bring it back on Easel's page, in the history." });
          return;
        }
        const record = await session.call("transform.get", { id: made.transform });
        const { jobs } = await session.call("transform.plan", { ask: record.ask });
        const cost = jobs.reduce((sum, job) => sum + job.cost, 0);
        const price = money(cost, jobs.find(({ currency }) => currency)?.currency ?? "");
        // What costs is begun by a person who has seen the price.
        if (cost) {
          panel.again = { record, price };
          panel.changed("selection", "models");
        } else {
          await runs.repeat(record);
        }
      } catch (error) {
        panel.fail(error);
      }
    };

    void follow();
  });

  return { select: (selected) => panel.select(selected), ended };
}
