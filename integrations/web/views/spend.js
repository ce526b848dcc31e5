/**
 * What was spent, by model, and how much of each budget is used up.
 * @import { SpendReport } from "../../typescript/protocol.ts"
 */
import { command } from "../core/command.js";
import { fill, h } from "../core/dom.js";
import { failureNotes } from "../core/marked.js";
import { budgetMeters } from "./folders/budgets.js";
import { spendTable } from "./spend/table.js";

/** @type {readonly (readonly [number, string])[]} */
const PERIODS = [
  [1, "24 hours"],
  [7, "7 days"],
  [30, "30 days"],
  [365, "A year"],
];
const USUAL = 30;
/** Several jobs that end at once are one question. */
const SETTLED_MS = 400;

/** @type {(app: import("../core/app.js").App, parameters: URLSearchParams) => import("../core/app.js").View} */
export function open(app, parameters) {
  let days = period(parameters);
  let shown = "";
  const place = h("div", { class: "spent" });
  const budgets = h("div", { class: "budgets" });
  const noBudget = h("p", { class: "dim", hidden: true }, "There is none: nothing stops a long night of transforms.");
  const problem = h("div", { role: "alert", hidden: true });
  const choices = PERIODS.map(([length, label]) => {
    const input = h("input", { type: "radio", name: "days", value: length, on: { change: () => (location.hash = `#/spend?days=${length}`) } });
    return h("label", null, input, label);
  });

  /** @param {URLSearchParams} given */
  function period(given) {
    const asked = Number(given.get("days"));
    return PERIODS.some(([length]) => length === asked) ? asked : USUAL;
  }

  async function load() {
    const asked = days;
    for (const choice of choices) {
      const input = choice.querySelector("input");
      if (input) input.checked = Number(input.value) === asked;
    }
    try {
      await app.models();
      const report = await app.session.call("spend.get", { days: asked });
      if (asked === days) show(report);
    } catch (error) {
      if (!app.up) return;
      problem.hidden = false;
      fill(problem, ...failureNotes(/** @type {Error} */ (error)));
    }
  }

  /** @param {SpendReport} report */
  function show(report) {
    problem.hidden = true;
    budgetMeters(budgets, report.budgets, ({ folder }) => folder ?? "Everything");
    noBudget.hidden = report.budgets.length > 0;
    // The moment from which on it is counted moves; what was spent may not have.
    const now = JSON.stringify([days, report.models]);
    if (now === shown) return;
    shown = now;
    fill(place, report.models.length ? spendTable(report.models, (id) => app.label(id)) : nothing());
  }

  const nothing = () => {
    const span = PERIODS.find(([length]) => length === days)?.[1].toLowerCase() ?? "";
    return h("p", { class: "empty" }, `Nothing was spent within ${span}. Models that are built in are free.`);
  };

  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  const soon = () => {
    clearTimeout(timer);
    timer = setTimeout(() => void load(), SETTLED_MS);
  };
  const unevent = app.onEvent(({ event }) => {
    if (["queued", "requeued", "done", "failed", "cancelled"].includes(event)) soon();
  });
  const unlisten = app.onConnection((up) => up && soon());
  // A budget that a terminal has set meanwhile.
  addEventListener("focus", soon);
  void load();
  return {
    element: h(
      "section",
      { class: "page lists", "aria-label": "Spend" },
      h("header", { class: "head" }, h("h1", null, "Spend"), h("fieldset", { class: "segments" }, h("legend", { class: "unseen" }, "How far back"), choices)),
      problem,
      place,
      h(
        "section",
        { class: "caps", "aria-labelledby": "budgets-heading" },
        h("h2", { id: "budgets-heading" }, "Budgets"),
        budgets,
        noBudget,
        h("p", null, "A budget caps what may be spent within any 24 hours; what would pass it is refused before it is sent. Set one in a terminal:"),
        command("easel budget set 5.00"),
        h("p", { class: "dim" }, "For one watched folder, Folders shows the command. ", h("code", null, "easel budget remove"), " takes it away."),
      ),
    ),
    title: "Spend",
    update(given) {
      days = period(given);
      void load();
    },
    close() {
      clearTimeout(timer);
      removeEventListener("focus", soon);
      unevent();
      unlisten();
    },
  };
}
