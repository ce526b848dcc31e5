/**
 * What each model cost, with a bar beside it, and totals by currency: amounts of different currencies are never added.
 * @import { Spend } from "../../../typescript/protocol.ts"
 */
import { h } from "../../core/dom.js";
import { bar, exact } from "../folders/budgets.js";

const COLUMNS = ["Model", "Spent", "Paid jobs", "Estimated", "Failed free", "Maybe charged", "Reserved"];
const NONE = "–";

/** @param {readonly Spend[]} rows @param {(id: string) => string} label */
export function spendTable(rows, label) {
  const currencies = [...new Set(rows.map(({ currency }) => currency))].sort();
  // Roles are said again: where the rows are stacked on narrow screens, browsers would forget that it is a table.
  return h(
    "table",
    { role: "table", class: "number" },
    h("caption", { class: "unseen" }, "What was spent, by model"),
    h("thead", { role: "rowgroup" }, h("tr", { role: "row" }, COLUMNS.map((name) => h("th", { role: "columnheader", scope: "col" }, name)))),
    h(
      "tbody",
      { role: "rowgroup" },
      rows.map((row) => {
        const most = Math.max(...rows.filter(({ currency }) => currency === row.currency).map(({ spent }) => spent));
        return line(row, label(row.model), most);
      }),
    ),
    h("tfoot", { role: "rowgroup" }, currencies.map((currency) => total(rows.filter((row) => row.currency === currency), currency))),
  );
}

/** @param {Spend} row @param {string} name @param {number} most */
function line(row, name, most) {
  const share = Math.round(100 * (most ? row.spent / most : 0));
  return h(
    "tr",
    { role: "row" },
    h("th", { role: "rowheader", scope: "row" }, h("a", { class: "link", href: `#/history?model=${encodeURIComponent(row.model)}` }, name)),
    cell(1, `${exact(row.spent)} ${row.currency}`, bar(row.spent, most, { "aria-label": `Beside the dearest model: ${share} %` })),
    cell(2, row.jobs.toLocaleString("en")),
    cell(3, exact(row.estimated)),
    cell(4, row.free ? row.free.toLocaleString("en") : NONE),
    cell(5, row.maybe ? `${row.maybe.toLocaleString("en")}, ${exact(row.maybe_spent)}` : NONE),
    cell(6, row.reserved ? exact(row.reserved) : NONE),
  );
}

/** @param {readonly Spend[]} rows @param {string} currency */
function total(rows, currency) {
  /** @param {"spent" | "jobs" | "estimated" | "free" | "maybe" | "maybe_spent" | "reserved"} name */
  const sum = (name) => rows.reduce((all, row) => all + row[name], 0);
  const maybe = sum("maybe");
  return h(
    "tr",
    { role: "row" },
    h("th", { role: "rowheader", scope: "row" }, `In all, ${currency}`),
    cell(1, `${exact(sum("spent"))} ${currency}`),
    cell(2, sum("jobs").toLocaleString("en")),
    cell(3, exact(sum("estimated"))),
    cell(4, sum("free") ? sum("free").toLocaleString("en") : NONE),
    cell(5, maybe ? `${maybe.toLocaleString("en")}, ${exact(sum("maybe_spent"))}` : NONE),
    cell(6, sum("reserved") ? exact(sum("reserved")) : NONE),
  );
}

/** @param {number} column @param {...(Node | string)} children */
function cell(column, ...children) {
  return h("td", { role: "cell", class: children[0] === NONE ? "none" : "", dataset: { name: COLUMNS[column] ?? "" } }, children);
}
