/**
 * One file: where it stands, why, and what came of it.
 * @import { FileRecord } from "../../../typescript/protocol.ts"
 */
import { fill, h } from "../../core/dom.js";
import { failureNotes } from "../../core/marked.js";
import { moment } from "../../core/words.js";

export class FileRow {
  #shown = "";
  element = h("li", { class: "file" });

  /** @param {FileRecord} file @param {(path: string, payAgain: boolean) => void} retry */
  constructor(file, retry) {
    this.file = file;
    this.retry = retry;
  }

  /** @param {FileRecord} file */
  update(file) {
    this.file = file;
    const text = JSON.stringify(file);
    if (text === this.#shown) return;
    this.#shown = text;
    fill(
      this.element,
      h(
        "div",
        { class: "what" },
        h("p", null, h("b", null, file.path), " ", h("span", { class: "dim" }, moment(file.changed))),
        file.failure && failureNotes(file.failure, file.state === "failed" ? "failure" : "dim"),
        file.state === "done" && file.outputs.map((path) => h("p", { class: "dim" }, "→ ", path)),
      ),
      this.#button(),
    );
  }

  #button() {
    const { state, path, failure } = this.file;
    if (state !== "failed" && state !== "skipped") return null;
    const name = state === "failed" ? "Retry" : "Do it all the same";
    const mayCost = failure?.charged === "maybe" || failure?.charged === "yes";
    let asked = false;
    const click = () => {
      if (mayCost && !asked) {
        // The second click is the consent: what it says is what it does.
        asked = true;
        button.textContent = "Retry and maybe pay again";
        button.setAttribute("aria-label", `Retry ${path} and maybe pay again`);
        return;
      }
      button.disabled = true;
      this.retry(path, mayCost);
    };
    const button = h("button", { type: "button", "aria-label": `${name}: ${path}`, on: { click } }, name);
    return button;
  }
}
