/**
 * Lets this browser in: with the token that it keeps, with the code that `easel open` puts behind `#`, or with one that
 * a person types.
 */
import { CLIENT, settings } from "../core/app.js";
import { fill, h } from "../core/dom.js";
import { failureLine } from "../core/words.js";
import { EaselError, Session, pair } from "../core/wire.js";

/**
 * Waits until there is a token that is good.
 * @param {string} base @param {HTMLElement} place
 * @returns {Promise<string>}
 */
export async function arrive(base, place) {
  const code = /^#pair=(\d+)$/.exec(location.hash)?.[1];
  // Neither the history of the browser nor whoever looks over a shoulder sees the code again.
  if (code) history.replaceState(null, "", "/#/transform");
  const kept = settings.get("token", "");
  if (kept && (await isGood(base, kept))) return kept;
  let problem = "";
  if (code) {
    try {
      return keep(await pair(base, code, CLIENT));
    } catch (error) {
      problem = failureLine(/** @type {Error} */ (error)).text;
    }
  }
  return ask(base, place, problem);
}

/** @param {string} token */
function keep(token) {
  settings.set("token", token);
  return token;
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

/** @param {string} base @param {HTMLElement} place @param {string} problem @returns {Promise<string>} */
function ask(base, place, problem) {
  return new Promise((resolve) => {
    const line = h("p", { class: "failure", role: "alert", id: "pair-problem" }, problem);
    const field = h("input", {
      id: "code",
      name: "code",
      inputmode: "numeric",
      autocomplete: "one-time-code",
      maxlength: "9",
      placeholder: "0000 0000",
      required: true,
      "aria-describedby": "pair-how pair-problem",
    });
    const submit = h("button", { type: "submit", class: "accent" }, "Pair");
    /** @param {SubmitEvent} event */
    const finish = async (event) => {
      event.preventDefault();
      submit.disabled = true;
      line.textContent = "";
      try {
        resolve(keep(await pair(base, field.value, CLIENT)));
      } catch (error) {
        const said = failureLine(/** @type {Error} */ (error));
        line.textContent = `${said.text}. ${said.hint}`;
        submit.disabled = false;
        field.select();
      }
    };
    fill(
      place,
      h(
        "form",
        { class: "pair", on: { submit: finish } },
        h("h1", null, "Pair this browser"),
        h("p", { id: "pair-how" }, "Run ", h("code", null, "easel open"), " in a terminal to come here paired, or ", h("code", null, "easel pair"), " and type its eight digits."),
        h("label", { for: "code" }, "Code"),
        h("div", { class: "row" }, field, submit),
        line,
      ),
    );
    field.focus();
  });
}
