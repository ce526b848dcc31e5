/** The one accented button. While something runs it cancels, with stage, elapsed time and a picture on the way. */
import { h } from "../../../../web/core/dom.js";
import { duration } from "../../../../web/core/words.js";
import { showLine } from "../../../../web/core/parts.js";
import type { Whole } from "./view.ts";

const TICK_MS = 250;

export function action({ panel, runs, pictures }: Whole): HTMLElement {
  const press = () => void (panel.busy ? runs.cancel() : runs.begin());
  const button = h("button", { type: "button", class: "accent go", on: { click: press } });
  const bar = h("progress", { max: "1", "aria-label": "Progress" });
  const stage = h("span", { class: "stage" });
  const time = h("span", { class: "number dim" });
  const preview = h("div", { class: "thumb surround preview", hidden: true });
  const running = h("div", { class: "running", hidden: true }, preview, h("div", { class: "about" }, bar, h("div", { class: "row" }, stage, time)));
  const reason = h("p", { class: "line dim", id: "reason" });
  const line = h("p", { role: "status", hidden: true });
  let shown = "";
  let ticking: ReturnType<typeof setInterval> | undefined;

  const elapsed = () => {
    const { current } = runs;
    time.textContent = current ? duration(Math.max(0, Date.now() - current.started) / 1000) : "";
  };

  panel.listen(["run", "models", "selection", "draft", "recipes"], () => {
    const { current } = runs;
    const { label, reason: why } = panel.button;
    button.textContent = panel.busy ? (current?.cancelling ? "Cancelling" : "Cancel") : label;
    button.disabled = panel.busy ? Boolean(current?.cancelling) : Boolean(why);
    button.classList.toggle("cancel", panel.busy);
    reason.textContent = panel.busy ? "" : why;
    reason.hidden = !reason.textContent;
    running.hidden = !current;
    // Elapsed time goes on without an event; it stops with the run.
    if (current && !ticking) ticking = setInterval(elapsed, TICK_MS);
    if (!current) {
      clearInterval(ticking);
      ticking = undefined;
      preview.hidden = true;
      shown = "";
      return;
    }
    const { fraction } = current;
    if (fraction === undefined) bar.removeAttribute("value");
    else bar.value = fraction;
    stage.textContent = [current.title, current.stage].filter(Boolean).join(": ");
    elapsed();
    const blob = current.preview?.blob;
    if (blob && blob !== shown) {
      shown = blob;
      preview.replaceChildren(pictures.image(blob, 192, "Preview"));
      preview.hidden = false;
    }
  });
  panel.listen(["status"], () => showLine(line, panel.status));
  addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && !panel.busy) void runs.begin();
    if (event.key === "Escape" && panel.busy) void runs.cancel();
  });
  return h("section", { class: "action", "aria-label": "Transform" }, button, reason, running, line);
}
