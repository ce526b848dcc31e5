/** A field and its button. The frame of a plugin may forbid forms, and then no form is ever submitted: this is none. */
import { h } from "../../../web/core/dom.js";

export function asking(field: HTMLInputElement, button: HTMLButtonElement, run: () => void): void {
  button.type = "button";
  button.addEventListener("click", run);
  field.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.isComposing) run();
  });
}

/** A port with its button. */
export function portField(id: string, port: number, name: string, run: (port: number) => void): HTMLElement {
  const field = h("input", { id, type: "number", class: "number", min: "1", max: "65535", value: String(port) });
  const button = h("button", null, name);
  asking(field, button, () => run(field.valueAsNumber));
  return h("div", { class: "row port" }, h("label", { for: id }, "Port"), field, button);
}
