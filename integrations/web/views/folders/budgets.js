/**
 * Caps and how much of each is used up, the same in Folders and in Spend.
 * @import { Budget } from "../../../typescript/protocol.ts"
 */
import { fill, h, uniqueId } from "../../core/dom.js";

/** From this share on a bar warns. */
const MUCH = 0.8;

/** @param {HTMLElement} place @param {readonly Budget[]} budgets @param {(budget: Budget) => string} [name] */
export function budgetMeters(place, budgets, name = () => "Budget") {
  place.hidden = budgets.length === 0;
  const text = JSON.stringify(budgets);
  if (place.dataset.of === text) return;
  place.dataset.of = text;
  fill(place, budgets.map((budget) => meter(budget, name(budget))));
}

/** @param {Budget} budget @param {string} name */
function meter({ amount, used, currency }, name) {
  const id = uniqueId("budget");
  return h(
    "div",
    { class: "budget" },
    h("span", { id }, name),
    bar(used, amount, { "aria-labelledby": `${id} ${id}-text`, class: used > MUCH * amount ? "much" : "" }),
    h("span", { id: `${id}-text`, class: "number" }, `${exact(used)} of ${amount.toFixed(2)} ${currency} within 24 hours`),
  );
}

/** A bar that is full at `most`. @param {number} value @param {number} most @param {Record<string, string>} attributes */
export function bar(value, most, attributes) {
  const full = Math.max(most, 1e-9);
  const part = Math.min(Math.max(value / full, 0), 1);
  return h("meter", { min: 0, max: full, value: part * full, style: { "--part": `${(100 * part).toFixed(1)}%` }, ...attributes });
}

/** To a tenth of a cent: single pictures cost that little. @param {number} amount */
export function exact(amount) {
  return amount.toFixed(3);
}
