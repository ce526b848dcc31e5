/** What was made in this document, newest first, and what can be done with it. */
import { h } from "../../../../web/core/dom.js";
import { Rows } from "../../../../web/core/rows.js";
import { STATES } from "../../../../web/core/words.js";
import { barsOf, type Bar } from "../../../../web/core/results.js";
import { section, showLine } from "../../../../web/core/parts.js";
import type { Result } from "../shelf.ts";
import type { Whole } from "./view.ts";

export function results(whole: Whole): HTMLElement {
  const { panel, shelf } = whole;
  const list = h("ul", { class: "results" });
  const rows = new Rows<Result>(list, ({ key }) => key, (result) => card(whole, result));
  const empty = h("p", { class: "line dim" }, "What is made in this file is kept here.");
  const older = h("button", { type: "button", class: "quiet", on: { click: () => void shelf.load() } }, "Show older ones");
  const restore = h("button", { type: "button", class: "quiet", on: { click: () => void shelf.restore() } }, "Bring back what was discarded");
  panel.listen(["results"], () => {
    rows.show(shelf.results);
    empty.hidden = shelf.results.length > 0;
    older.hidden = !shelf.hasMore;
    restore.hidden = !shelf.discarded.length;
  });
  return section("Results", empty, list, h("div", { class: "row" }, restore, older));
}

function card(whole: Whole, first: Result): { element: HTMLElement; update: (result: Result) => void } {
  const { panel, pictures, shelf } = whole;
  let own = first;
  const label = h("b", { class: "name" });
  const title = h("span", { class: "title" });
  const facts = h("span", { class: "dim number" });
  const line = h("p", { hidden: true });
  const bars = h("div", { class: "bars" });
  const actions = h("div", { class: "actions" });
  const image = h("div", { class: "thumb surround" });
  const element = h("li", { class: "result" }, image, h("div", { class: "about" }, label, title, facts, bars, line), actions);

  const act = (name: string, what: string, run: () => void) => {
    // Each says which result it is about: there is a row of them below every picture.
    const label = `${name}: ${own.label}, ${own.title}`;
    return h("button", { type: "button", "aria-label": label, title: what, on: { click: run } }, name);
  };
  const fail = (error: unknown) => panel.fail(error);

  const apply = async () => {
    const { piece } = own;
    if (!piece) return;
    try {
      if (await panel.bridge.call("show", { artifact: piece.artifact.id })) panel.say({ severity: "info", text: `Shows ${own.label}: ${own.title}` });
      else panel.say((await whole.runs.arrival.deliver(piece)) ?? { severity: "info", text: `Added ${own.label}: ${own.title}` });
    } catch (error) {
      fail(error);
    }
  };
  const compare = () => {
    const { base } = panel.session;
    const url = `${base}/#/compare/${encodeURIComponent(own.transform)}?artifact=${encodeURIComponent(own.piece?.artifact.id ?? "")}`;
    panel.bridge.call("open", { url }).catch(fail);
  };
  const retry = async () => {
    if (await shelf.retry(own)) await whole.runs.follow(own.transform).catch(fail);
  };

  let drawn = "";
  const update = (result: Result) => {
    own = result;
    const { piece, failure, state } = result;
    label.textContent = result.label;
    title.textContent = result.title;
    facts.textContent = piece ? result.facts : STATES[state];
    showLine(line, failure ?? null);
    element.dataset.state = state;
    const now = `${piece?.artifact.id ?? ""} ${state}`;
    if (now === drawn) return;
    drawn = now;
    image.hidden = !piece;
    if (!piece) {
      bars.replaceChildren();
      actions.replaceChildren(...(state === "failed" || state === "cancelled" ? [act("Run again", "Run this job again", () => void retry())] : []));
      return;
    }
    image.replaceChildren(pictures.image(piece.artifact.blob, 256, `${result.label}: ${result.title}`));
    bars.replaceChildren(...barsOf(piece.artifact).map(bar));
    actions.replaceChildren(
      act("Apply", "Show its layer, or make it where there is none", () => void apply()),
      act("Iterate", "Go on from this", () => panel.iterate(piece)),
      act("Compare", "See it beside its source on Easel's page", compare),
      act("Discard", "Take it out of the list", () => void shelf.discard(own)),
    );
  };
  return { element, update };
}

function bar({ name, share, text }: Bar): HTMLElement {
  return h(
    "span",
    { class: "bar", role: "img", "aria-label": text, title: text },
    h("span", { class: "bar-name", "aria-hidden": "true" }, name),
    h("meter", { min: "0", max: "1", value: String(share), "aria-hidden": "true" }),
  );
}
