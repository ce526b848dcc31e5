/**
 * The models of this machine by backend: what each is good at, takes and costs, and what stands in its way.
 * @import { Intent } from "../../typescript/protocol.ts"
 */
import { fill, h } from "../core/dom.js";
import { failureNotes } from "../core/marked.js";
import { Rows, say } from "../core/rows.js";
import { INTENTS, several } from "../core/words.js";
import { BackendSection } from "./models/backend.js";

/** @type {(app: import("../core/app.js").App, parameters: URLSearchParams) => import("../core/app.js").View} */
export function open(app, parameters) {
  const text = h("input", { type: "search", id: "model-text", placeholder: "realism, lettering, oil…", autocomplete: "off" });
  const intent = h(
    "select",
    { id: "model-intent" },
    h("option", { value: "" }, "Any change"),
    INTENTS.map(([id, label]) => h("option", { value: id }, label)),
  );
  const usable = h("input", { type: "checkbox" });
  const count = h("p", { class: "dim number", role: "status" });
  const problem = h("div", { role: "alert", hidden: true });
  const place = h("div", { class: "backends" });
  /** @type {BackendSection[]} */
  let sections = [];
  const rows = new Rows(
    place,
    (/** @type {import("./models/backend.js").Entry} */ { record }) => record.id,
    (entry) => {
      const section = new BackendSection(entry);
      sections.push(section);
      return section;
    },
  );
  fromAddress(parameters);

  /** @param {URLSearchParams} given */
  function fromAddress(given) {
    text.value = given.get("text") ?? "";
    intent.value = given.get("intent") ?? "";
    usable.checked = given.has("usable");
  }

  async function load() {
    try {
      const [models, { backends }, { keys }] = await Promise.all([
        app.models(true),
        app.session.call("backend.list", {}),
        app.session.call("key.list", {}),
      ]);
      problem.hidden = true;
      rows.show(
        backends.map((record) => ({
          record,
          models: models.filter(({ backend }) => backend === record.id),
          keys: keys.filter((key) => key.backends.includes(record.id)),
        })),
      );
      sections = sections.filter(({ element }) => place.contains(element));
      filter();
    } catch (error) {
      if (!app.up) return;
      problem.hidden = false;
      fill(problem, ...failureNotes(/** @type {Error} */ (error)));
    }
  }

  function filter() {
    const words = text.value.toLowerCase().split(/\s+/).filter(Boolean);
    const wanted = /** @type {Intent | ""} */ (intent.value);
    const all = words.length === 0 && !wanted && !usable.checked;
    let shown = 0;
    let known = 0;
    for (const section of sections) {
      let here = 0;
      for (const card of section.cards) {
        const { record, available } = card.entry;
        const searched = `${card.text}\n${section.entry.record.name.toLowerCase()}`;
        const fits = (!wanted || record.intents.includes(wanted)) && (!usable.checked || available) && words.every((word) => searched.includes(word));
        card.element.hidden = !fits;
        card.point(wanted || undefined);
        if (fits) here += 1;
      }
      known += section.cards.length;
      shown += here;
      section.element.hidden = !all && here === 0;
    }
    say(count, all ? several(known, "model", "models") : shown ? `${shown} of ${several(known, "model", "models")}` : "No model fits. Fewer words find more.");
  }

  /** The address keeps what was filtered, without a step in the browser's history for every letter. */
  function keep() {
    const query = new URLSearchParams();
    if (text.value) query.set("text", text.value);
    if (intent.value) query.set("intent", intent.value);
    if (usable.checked) query.set("usable", "");
    history.replaceState(null, "", query.size ? `#/models?${query}` : "#/models");
    filter();
  }

  // Somebody who came back from a terminal has trusted a backend or stored a key there.
  const seen = () => document.visibilityState === "visible" && void load();
  addEventListener("focus", seen);
  document.addEventListener("visibilitychange", seen);
  const unlisten = app.onConnection((up) => up && void load());
  void load();
  return {
    element: h(
      "section",
      { class: "page lists", "aria-label": "Models" },
      h(
        "header",
        { class: "head" },
        h("h1", null, "Models"),
        h(
          "form",
          { class: "row", role: "search", on: { input: keep, change: keep, submit: (/** @type {Event} */ event) => event.preventDefault() } },
          h("label", { class: "unseen", for: "model-text" }, "Find a model"),
          text,
          h("label", { class: "unseen", for: "model-intent" }, "What it does"),
          intent,
          h("label", { class: "check" }, usable, " Ready to use"),
        ),
        count,
      ),
      problem,
      place,
    ),
    title: "Models",
    update(given) {
      fromAddress(given);
      filter();
    },
    close() {
      removeEventListener("focus", seen);
      document.removeEventListener("visibilitychange", seen);
      unlisten();
    },
  };
}
