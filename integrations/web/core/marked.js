/**
 * Texts of the daemon and of catalogues mark what is typed as it stands, such as commands. Here that is set as code, so
 * that it can be told from words and is never given a capital.
 * @import { Failure } from "../../typescript/protocol.ts"
 */
import { h } from "./dom.js";
import { failureLine } from "./words.js";

/** @param {string} text */
export function marked(text) {
  return text.split("`").map((part, index) => (index % 2 ? h("code", null, part) : part));
}

/** With a capital, where it begins with a word. @param {string} text */
export function markedSentence(text) {
  return marked(text.charAt(0).toUpperCase() + text.slice(1));
}

/**
 * The two lines of `failureLine` as paragraphs: what happened; what was charged, and what to do.
 * @param {Failure | Error} failure @param {string} [kind] the class of the first
 */
export function failureNotes(failure, kind = "failure") {
  const { message, hint = "", charged } = /** @type {Partial<Failure> & { message: string }} */ (failure);
  const paid = charged ? failureLine(/** @type {Failure} */ ({ message, charged })).hint : "";
  const next = hint && !/[.?]$/.test(hint) ? `${hint}.` : hint;
  return [
    h("p", { class: kind }, markedSentence(message), "."),
    (paid || next) && h("p", null, paid, paid && next && " ", markedSentence(next)),
  ].filter((line) => line !== "");
}
