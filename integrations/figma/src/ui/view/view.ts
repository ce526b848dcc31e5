/** The panel from top to bottom: the same order and the same words as in every editor. */
import { h } from "../../../../web/core/dom.js";
import type { Pictures } from "../../../../web/core/pictures.js";
import { twoClicks } from "../away.ts";
import type { Panel } from "../panel.ts";
import type { Found } from "../reach.ts";
import type { Runs } from "../runs.ts";
import type { Shelf } from "../shelf.ts";
import { action } from "./action.ts";
import { change } from "./change.ts";
import { footer } from "./footer.ts";
import { models } from "./models.ts";
import { more } from "./more.ts";
import { recipe } from "./recipe.ts";
import { references } from "./references.ts";
import { results } from "./results.ts";
import { source } from "./source.ts";

export interface Whole {
  panel: Panel;
  runs: Runs;
  shelf: Shelf;
  pictures: Pictures;
  found: Found;
  unpair: () => void;
  /** Starts over, with the settings as they are now. */
  leave: () => void;
}

export function view(whole: Whole): { element: HTMLElement; connection: (up: boolean) => void } {
  const { panel, found } = whole;
  const gone = h("p", { class: "note warning", role: "status", hidden: true }, "The daemon is away. Trying again…");
  // What a recipe decides is folded away.
  const settings = [change(panel), models(panel), references(whole), more(panel)];
  panel.listen(["draft", "selection"], () => {
    const decided = panel.draft.recipe !== null || panel.again !== null;
    for (const part of settings) part.hidden = decided;
  });
  const element = h(
    "div",
    { class: "panel" },
    h("h1", { class: "unseen" }, "Easel"),
    gone,
    found.way === "sandbox" && detour(),
    source(whole),
    recipe(panel),
    settings,
    action(whole),
    results(whole),
    footer(whole),
  );
  return { element, connection: (up) => (gone.hidden = up) };
}

/** It works, and could be faster. */
function detour(): HTMLElement {
  return h(
    "details",
    { class: "note" },
    h("summary", null, "The browser blocks the direct way; Easel is reached through Figma"),
    h("p", null, "Everything works, large pictures take longer. In Chrome two clicks allow the direct way:"),
    twoClicks(),
    h("p", null, "Then run the plugin again."),
  );
}
