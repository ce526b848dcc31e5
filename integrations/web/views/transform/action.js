/**
 * Section 7: the one button, which says how many models and what they cost; while something runs it cancels, and below
 * it stands what each job is doing.
 * @import { JobLine } from "../../core/run.js"
 * @import { Runs } from "./runs.js"
 * @import { Work } from "./work.js"
 */
import { h } from "../../core/dom.js";
import { Rows, say } from "../../core/rows.js";
import { STATES, duration, sentence } from "../../core/words.js";
import { press as leave, showLine } from "../../core/parts.js";
import { FINAL } from "../../core/run.js";

/** @param {Work} work @param {Runs} runs */
export function actionSection(work, runs) {
  const reason = h("p", { class: "dim reason", id: "why-not" });
  const go = h("button", {
    type: "button",
    class: "accent go",
    "aria-describedby": "why-not",
    on: { click: leave(() => press()) },
  });
  const bar = progress("Progress of all");
  const stage = h("span", { class: "stage" });
  const elapsed = h("span", { class: "number dim" });
  const jobs = h("ul", { class: "jobs", "aria-label": "What runs" });
  const rows = new Rows(
    jobs,
    (/** @type {JobLine} */ job) => job.id,
    (job) => jobRow(runs, job.id),
  );
  const running = h("div", { class: "running" }, h("div", { class: "row" }, stage, elapsed), bar, jobs);
  const line = h("p", { role: "status" });
  const element = h("section", { class: "part action", "aria-label": "Transform" }, go, reason, running, line);

  const press = () => {
    if (runs.current) void runs.cancel();
    else if (work.button.reason) say(reason, work.button.reason);
    else void runs.begin();
  };

  // The clock of what runs; there is none otherwise.
  let clock = 0;
  const tick = () => {
    const run = runs.current;
    if (!run) return;
    say(elapsed, duration(Math.max(0.1, (Date.now() - run.started) / 1000)));
    rows.show([...run.jobs.values()]);
    clock = window.setTimeout(tick, 500);
  };

  work.listen("run draft models source recipes status", () => {
    const run = runs.current;
    const { label, reason: why } = work.button;
    say(go, run ? (run.cancelling ? "Cancelling…" : "Cancel") : label);
    go.classList.toggle("accent", !run);
    // A button that is merely dimmed keeps the focus and says why it does nothing.
    go.setAttribute("aria-disabled", String(run ? run.cancelling : Boolean(why)));
    say(reason, run ? "" : why);
    reason.hidden = !reason.textContent;
    running.hidden = !run;
    if (run) {
      say(stage, run.stage);
      show(bar, run.fraction);
      // One model alone needs no line of its own.
      jobs.hidden = run.jobs.size < 2 || Boolean(run.record);
      rows.show([...run.jobs.values()]);
    }
    clearTimeout(clock);
    tick();
    showLine(line, run ? null : work.status);
  });
  return { element, press, close: () => clearTimeout(clock) };
}

/** @param {Runs} runs @param {string} id */
function jobRow(runs, id) {
  const name = h("span", { class: "name" });
  const state = h("span", { class: "dim number" });
  const bar = progress("");
  const cancel = h("button", { type: "button", class: "quiet", on: { click: () => void runs.cancel(id) } }, "Cancel");
  return {
    element: h("li", null, name, state, cancel, bar),
    update: (/** @type {JobLine} */ job) => {
      say(name, job.label);
      bar.setAttribute("aria-label", `Progress of ${job.label}`);
      cancel.setAttribute("aria-label", `Cancel ${job.label}`);
      const since =
        job.started && !FINAL.includes(job.state) ? duration(Math.max(0.1, (Date.now() - job.started) / 1000)) : "";
      const what =
        job.state === "running"
          ? job.stage
            ? sentence(job.stage)
            : "Running"
          : (STATES[/** @type {keyof typeof STATES} */ (job.state)] ?? job.state);
      say(state, [what, since].filter(Boolean).join(" · "));
      const ended = FINAL.includes(job.state);
      cancel.hidden = ended;
      show(bar, ended ? 1 : job.state === "queued" ? 0 : job.fraction);
    },
  };
}

/** @param {string} name */
function progress(name) {
  return h("progress", { max: "1", "aria-label": name });
}

/** @param {HTMLProgressElement} bar @param {number | undefined} fraction */
function show(bar, fraction) {
  if (fraction === undefined) bar.removeAttribute("value");
  else bar.value = fraction;
}
