/**
 * What is watched, how it goes, and what failed. The daemon tells nothing of folders by itself: it is asked every two
 * seconds while somebody looks.
 * @import { Budget, Failure, FolderList, FolderRecord } from "../../typescript/protocol.ts"
 */
import { command } from "../core/command.js";
import { fill, h } from "../core/dom.js";
import { failureNotes } from "../core/marked.js";
import { Rows, say } from "../core/rows.js";
import { several } from "../core/words.js";
import { FolderCard } from "./folders/card.js";
import { whileSeen } from "./folders/watch.js";

const ADD = "easel folder add ~/drop --recipe product-on-white.easel.toml --dry-run";

/** @type {(app: import("../core/app.js").App) => import("../core/app.js").View} */
export function open(app) {
  const summary = h("p", { class: "dim number" });
  const problem = h("div", { class: "notice", role: "alert", hidden: true });
  const list = h("ul", { class: "folders" });
  const empty = h(
    "div",
    { class: "empty", hidden: true },
    h("p", null, "No folder is watched. Watch one, and a recipe is run on every picture that is dropped into it:"),
    command(ADD),
    h("p", null, "Without ", h("code", null, "--dry-run"), " it begins. What is there is priced first."),
  );
  const more = h(
    "details",
    { class: "fold", hidden: true },
    h("summary", null, "Watch another folder"),
    h("p", null, "What is watched is for a terminal to say. This shows what would happen and what it would cost; without ", h("code", null, "--dry-run"), " it begins."),
    command(ADD),
  );
  const rows = new Rows(
    list,
    (/** @type {Entry} */ { record }) => record.id,
    ({ record }) => new FolderCard(app, record),
  );

  async function look() {
    try {
      const [listed, { budgets }] = await Promise.all([
        app.session.call("folder.list", {}),
        app.session.call("spend.get", { days: 1 }),
      ]);
      show(listed, budgets);
    } catch (error) {
      // The bar says where the daemon is away; what was seen last stays.
      if (app.up) tell(/** @type {Error} */ (error));
    }
  }

  /** @param {FolderList} listed @param {Budget[]} budgets */
  function show({ folders, failure }, budgets) {
    if (failure) tell(failure, "folders.toml is not followed.");
    else problem.hidden = true;
    say(summary, total(folders));
    empty.hidden = folders.length > 0 || failure !== undefined;
    more.hidden = folders.length === 0;
    rows.show(folders.map((record) => ({ record, budgets: capsOf(record, budgets) })));
  }

  /** @param {Failure | Error} failure @param {string} [before] */
  function tell(failure, before) {
    const now = JSON.stringify([before, failure.message]);
    if (problem.dataset.of === now && !problem.hidden) return;
    problem.dataset.of = now;
    problem.hidden = false;
    fill(problem, before && h("p", null, before), ...failureNotes(failure));
  }

  const watch = whileSeen(2000, look);
  const unlisten = app.onConnection((up) => {
    if (up) watch.now();
  });
  return {
    element: h(
      "section",
      { class: "page lists", "aria-label": "Folders" },
      h("header", { class: "head" }, h("h1", null, "Folders"), summary),
      problem,
      empty,
      list,
      more,
    ),
    title: "Folders",
    close() {
      watch.stop();
      unlisten();
    },
  };
}

/** @typedef {{ record: FolderRecord, budgets: Budget[] }} Entry */

/** Its caps; what its first file will be held to is known before. @param {FolderRecord} record @param {Budget[]} budgets */
function capsOf({ spec: { path, budget } }, budgets) {
  const own = budgets.filter(({ folder }) => folder === path);
  return own.length > 0 || !budget ? own : [{ ...budget, used: 0 }];
}

/** @param {FolderRecord[]} folders */
function total(folders) {
  if (folders.length === 0) return "";
  const sum = (/** @type {"waiting" | "running" | "last_minute" | "failed"} */ name) =>
    folders.reduce((all, folder) => all + folder[name], 0);
  const said = [several(folders.length, "folder", "folders"), `${sum("waiting") + sum("running")} to do`];
  said.push(`${sum("last_minute")} a minute`);
  if (sum("failed")) said.push(`${sum("failed")} failed`);
  return said.join(" · ");
}
