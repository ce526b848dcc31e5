/**
 * One watched folder: how it stands, how it goes, what it may spend, and its files.
 * @import { Budget, FolderRecord } from "../../../typescript/protocol.ts"
 * @import { App } from "../../core/app.js"
 */
import { announce, dress, fill, h, uniqueId } from "../../core/dom.js";
import { failureNotes, markedSentence } from "../../core/marked.js";
import { say } from "../../core/rows.js";
import { duration, moment, sentence, several } from "../../core/words.js";
import { about, places } from "./about.js";
import { budgetMeters } from "./budgets.js";
import { Files } from "./files.js";
import { ScanPanel } from "./scan.js";
import { Sparkline } from "./sparkline.js";

export class FolderCard {
  #heading = uniqueId("folder");
  #standing = h("p", { class: "standing" });
  #held = h("div", { class: "notice", hidden: true });
  #failure = h("div", { role: "alert", hidden: true });
  #running = h("b");
  #pace = h("b");
  #last = h("span", { class: "dim" });
  #sparkline = new Sparkline();
  #budgets = h("div", { class: "budgets", hidden: true });
  #facts = h("div");
  #about = h("div");
  #aboutOf = "";
  #failed = 0;

  /** @param {App} app @param {FolderRecord} record */
  constructor(app, record) {
    this.app = app;
    this.record = record;
    this.files = new Files(app, record.id, () => this.#look());
    this.scan = new ScanPanel(app, record.id, (after) => this.#take(after));
    this.pause = h("button", { type: "button", on: { click: () => this.#switch(this.record.paused ? "folder.resume" : "folder.pause") } });
    this.resume = h("button", { type: "button", hidden: true, on: { click: () => this.#switch("folder.resume") } }, "Try now");
    const { path = "" } = record.spec;
    const cut = Math.max(path.lastIndexOf("/"), path.lastIndexOf("\\")) + 1;
    this.element = h(
      "li",
      { class: "folder card", "aria-labelledby": this.#heading },
      h(
        "div",
        { class: "top" },
        h("h2", { id: this.#heading, class: "path" }, h("span", { class: "dim" }, path.slice(0, cut)), path.slice(cut)),
        h("div", { class: "row" }, this.resume, this.scan.button, this.pause),
      ),
      this.#standing,
      this.#facts,
      this.#held,
      this.#failure,
      this.scan.element,
      h(
        "div",
        { class: "counts" },
        this.files.tile("waiting", "Waiting"),
        h("p", { class: "tile" }, this.#running, " running"),
        this.files.tile("done", "Done"),
        this.files.tile("failed", "Failed"),
        this.files.tile("skipped", "Left alone"),
        h("div", { class: "pace" }, h("p", { class: "tile" }, this.#pace, " files a minute"), this.#sparkline.element, this.#last),
      ),
      this.#budgets,
      this.files.element,
      this.#about,
    );
  }

  /** @param {{ record: FolderRecord, budgets: Budget[] }} entry */
  update({ record, budgets }) {
    this.#sparkline.add(record.last_minute);
    this.#show(record);
    budgetMeters(this.#budgets, budgets);
  }

  /** @param {FolderRecord} record */
  #show(record) {
    if (record.failed > this.#failed && this.#failed > 0) announce(`${record.spec.path}: ${several(record.failed, "file", "files")} failed`);
    this.#failed = record.failed;
    this.record = record;
    const [state, hint] = standing(record);
    const kind = record.paused ? "paused" : record.held ? "held" : "on";
    dress(this.#standing, { dataset: { kind } });
    say(this.#standing, state);
    const then = record.held ? goesOn(record) : hint;
    const now = record.held || then ? JSON.stringify([record.held, then]) : "";
    this.#held.hidden = now === "";
    if (this.#held.dataset.of !== now) {
      this.#held.dataset.of = now;
      fill(this.#held, ...(record.held ? failureNotes(record.held, "") : []), h("p", null, markedSentence(then)));
    }
    say(this.pause, record.paused ? "Resume" : "Pause");
    this.resume.hidden = record.paused || !record.held;
    say(this.#running, record.running.toLocaleString("en"));
    say(this.#pace, record.last_minute.toLocaleString("en"));
    say(this.#last, record.last_done ? `last done ${moment(record.last_done)}` : "none done yet");
    this.files.update(record);
    const text = JSON.stringify([record.spec, record.declared]);
    if (this.#aboutOf !== text) {
      this.#aboutOf = text;
      fill(this.#facts, places(record));
      fill(this.#about, about(record));
    }
  }

  /** @param {"folder.pause" | "folder.resume"} method */
  async #switch(method) {
    this.#failure.hidden = true;
    try {
      this.#show(await this.app.session.call(method, { folder: this.record.id }));
      announce(method === "folder.pause" ? "Paused" : "Resumed");
    } catch (error) {
      this.#take(/** @type {Error} */ (error));
    }
  }

  async #look() {
    try {
      this.#show(await this.app.session.call("folder.status", { folder: this.record.id }));
    } catch {
      // It is asked again within two seconds.
    }
  }

  /** What an action gave. @param {FolderRecord | Error | undefined} after */
  #take(after) {
    if (after instanceof Error) {
      this.#failure.hidden = false;
      fill(this.#failure, ...failureNotes(after));
    } else if (after) {
      this.#show(after);
    }
  }
}

/** How it stands in a few words, and what to do about that. @param {FolderRecord} record @returns {[string, string]} */
function standing(record) {
  const [state = "", hint = ""] = record.state.split("; hint: ");
  if (record.paused) return ["Paused: no further file is taken", ""];
  if (record.held) return ["Held: files wait, none is given up", ""];
  return [sentence(state), hint && `${hint}.`];
}

/** When a folder that is held goes on. @param {FolderRecord} record */
function goesOn({ held_until }) {
  if (!held_until) return "It goes on by itself as soon as that is put right.";
  const seconds = (held_until - Date.now()) / 1000;
  // Whole seconds would be read out one by one: what is near is near.
  if (seconds < 10) return "It tries again by itself in a moment.";
  return `It tries again by itself ${seconds < 60 ? `within ${duration(10 * Math.ceil(seconds / 10))}` : `at ${moment(held_until)}`}.`;
}
