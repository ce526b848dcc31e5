/** Lets this plugin in with a code that a person types. The token stays in Figma's storage on this computer. */
import { fill, h } from "../../../web/core/dom.js";
import { pair } from "../../../web/core/wire.js";
import { failureLine } from "../../../web/core/words.js";
import { asking } from "./asking.ts";
import { CLIENT } from "./panel.ts";

const DIGITS = 8;
const ONCE =
  "A code works once, for two minutes. What is paired may run models within your budgets; it may not trust backends, store keys or let others in.";

export function paired(place: HTMLElement, base: string, fetcher: typeof fetch | undefined, problem: string): Promise<string> {
  return new Promise((resolve) => {
    const line = h("p", { class: "failure", role: "alert", id: "pair-problem" }, problem);
    const field = h("input", {
      id: "code",
      name: "code",
      inputmode: "numeric",
      autocomplete: "off",
      placeholder: "0000 0000",
      "aria-describedby": "pair-how pair-problem",
    });
    const button = h("button", { class: "accent" }, "Pair");
    const refuse = (text: string) => {
      line.textContent = text;
      field.setAttribute("aria-invalid", "true");
      field.focus();
      field.select();
    };
    const finish = async () => {
      if (button.disabled) return;
      // Pasted with a space, a dash or a line's end: only the digits count.
      const digits = field.value.replace(/\D/g, "");
      if (digits.length !== DIGITS) return refuse("A code has eight digits.");
      button.disabled = true;
      line.textContent = "";
      try {
        resolve(await pair(base, digits, CLIENT, fetcher));
      } catch (error) {
        button.disabled = false;
        const { text, hint } = failureLine(error as Error);
        refuse(`${text}. ${hint}`);
      }
    };
    asking(field, button, () => void finish());
    fill(
      place,
      h(
        "section",
        { class: "pair" },
        h("h1", null, "Pair Figma with Easel"),
        h("p", { id: "pair-how" }, "Run ", h("code", null, "easel pair"), " in a terminal and type its eight digits."),
        h("label", { for: "code" }, "Code"),
        h("div", { class: "row" }, field, button),
        line,
        h("p", { class: "dim" }, ONCE),
      ),
    );
    field.focus();
  });
}
