/**
 * Lets this browser in: with the token that it keeps, with the code that `easel open` puts behind `#`, or with one that
 * a person types.
 */
import { CLIENT, settings } from "../core/app.js";
import { command } from "../core/command.js";
import { fill, h } from "../core/dom.js";
import { failureNotes } from "../core/marked.js";
import { EaselError, Session, Unreachable, pair, pause } from "../core/wire.js";

/** Before a daemon that is away is looked for again. */
const AGAIN_MS = 2000;
const DIGITS = 8;

/**
 * Takes the code out of the address: neither the history of the browser nor whoever looks over a shoulder sees it again.
 * @returns {string | undefined}
 */
export function takeCode() {
  const [, code, view = "transform"] = /^#pair=(\d+)(?:&view=([a-z]+))?$/.exec(location.hash) ?? [];
  if (code) history.replaceState(null, "", `${location.pathname}#/${view}`);
  return code;
}

/**
 * Waits until there is a token that is good.
 * @param {string} base @param {HTMLElement} place
 * @returns {Promise<string>}
 */
export async function arrive(base, place) {
  const code = takeCode();
  const kept = settings.get("token", "");
  /** @type {HTMLElement[]} */
  let problem = [];
  if (kept) {
    if (await whenReached(place, () => isGood(base, kept))) return kept;
    settings.set("token", undefined);
    problem = [h("p", { class: "failure" }, "The daemon does not know this browser any more. Pair it again.")];
  }
  if (code) {
    try {
      return keep(await whenReached(place, () => pair(base, code, CLIENT)));
    } catch (error) {
      problem = said(error);
    }
  }
  return ask(base, place, problem);
}

/** @param {string} token */
function keep(token) {
  settings.set("token", token);
  return token;
}

/** @param {unknown} error */
function said(error) {
  return failureNotes(/** @type {Error} */ (error));
}

/** @param {string} base @param {string} token */
async function isGood(base, token) {
  try {
    await new Session(base, token).call("server.info", {});
    return true;
  } catch (error) {
    if (error instanceof EaselError) return error.kind !== "unauthorized";
    throw error;
  }
}

/**
 * Asks until the daemon is there, and says so meanwhile.
 * @template T @param {HTMLElement} place @param {() => Promise<T>} ask @returns {Promise<T>}
 */
async function whenReached(place, ask) {
  let isSaid = false;
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      if (!(error instanceof Unreachable)) throw error;
      if (!isSaid) {
        const words = "Any command of Easel starts it. This page goes on by itself as soon as it is there.";
        fill(place, h("div", { class: "pair", role: "status" }, h("h1", null, "The daemon is away"), h("p", null, words), command("easel serve")));
      }
      isSaid = true;
      await pause(AGAIN_MS);
    }
  }
}

/** @param {string} base @param {HTMLElement} place @param {HTMLElement[]} problem @returns {Promise<string>} */
function ask(base, place, problem) {
  return new Promise((resolve) => {
    const line = h("div", { role: "alert", id: "pair-problem" }, problem);
    const field = h("input", {
      id: "code",
      name: "code",
      inputmode: "numeric",
      autocomplete: "one-time-code",
      placeholder: "0000 0000",
      "aria-describedby": "pair-how pair-problem",
    });
    const submit = h("button", { type: "submit", class: "accent" }, "Pair");
    /** @param {HTMLElement[]} why */
    const refuse = (why) => {
      fill(line, ...why);
      field.setAttribute("aria-invalid", "true");
      field.focus();
      field.select();
    };
    /** @param {SubmitEvent} event */
    const finish = async (event) => {
      event.preventDefault();
      if (submit.disabled) return;
      // Pasted with a space, a dash or a line's end: only the digits count.
      const digits = field.value.replace(/\D/g, "");
      if (digits.length !== DIGITS) return refuse([h("p", { class: "failure" }, "A code has eight digits.")]);
      submit.disabled = true;
      fill(line);
      try {
        const token = keep(await pair(base, digits, CLIENT));
        document.body.classList.remove("unpaired");
        resolve(token);
      } catch (error) {
        submit.disabled = false;
        refuse(said(error));
      }
    };
    document.body.classList.add("unpaired");
    document.title = "Pair this browser · Easel";
    fill(
      place,
      h(
        "form",
        { class: "pair", novalidate: true, on: { submit: finish } },
        h("h1", null, "Pair this browser"),
        h("p", { id: "pair-how" }, "Run ", h("code", null, "easel open"), " in a terminal to come here paired, or ", h("code", null, "easel pair"), " and type its eight digits."),
        h("label", { for: "code" }, "Code"),
        h("div", { class: "row" }, field, submit),
        line,
        h("p", { class: "dim" }, "A code works once, for two minutes. What is paired may run models within your budgets; it may not trust backends, store keys or let others in."),
      ),
    );
    field.focus();
  });
}
