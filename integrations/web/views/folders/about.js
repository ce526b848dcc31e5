/**
 * What is fixed about a folder, and the commands that change it: only a terminal may.
 * @import { FolderRecord, FolderSpec } from "../../../typescript/protocol.ts"
 */
import { command, quoted } from "../../core/command.js";
import { h } from "../../core/dom.js";

const ON_SUCCESS = {
  keep: "stay where they are",
  move: "are moved into done/",
  delete: "are removed",
};

/** What happens to a file, and where that goes. @param {FolderRecord} record */
export function places({ spec }) {
  return facts([
    ["Recipe", h("code", null, spec.recipe)],
    ["Results", h("code", null, spec.out ?? `${spec.path}/out`)],
  ]);
}

/** @param {FolderRecord} record */
export function about({ spec, declared, id }) {
  const path = spec.path ?? "";
  const names = [
    spec.include?.length ? `only ${spec.include.join(", ")}` : "PNG, JPEG, WebP and TIFF",
    spec.exclude?.length ? `without ${spec.exclude.join(", ")}` : "",
    spec.recursive ? "also in folders below" : "not in folders below",
  ];
  return h(
    "details",
    { class: "fold" },
    h("summary", null, "About this folder"),
    facts([
      ["Files", names.filter(Boolean).join(", ")],
      ["Sources", `${ON_SUCCESS[spec.on_success ?? "keep"]} once their results are written`],
      ["Transforms", h("a", { href: `#/history?folder=${encodeURIComponent(id)}` }, "those of this folder, in the history")],
    ]),
    declared
      ? h("p", null, "It is declared in ", h("code", null, "folders.toml"), " and is changed there; what stands there is followed within seconds.")
      : [
          h("p", null, "In a terminal: cap what it may spend within any 24 hours, or watch it no more. Its files and results stay."),
          command(`${addCommand(spec)} --budget 5.00/day`),
          command(`easel folder remove ${quoted(path)}`),
        ],
  );
}

/** @param {[string, Node | string][]} rows */
function facts(rows) {
  return h("dl", { class: "facts" }, rows.map(([name, value]) => h("div", null, h("dt", null, name), h("dd", null, value))));
}

/** The command that would watch it as it is watched, but for its budget: a folder that is added again is replaced.
 * @param {FolderSpec} spec */
function addCommand(spec) {
  const words = ["easel", "folder", "add", spec.path ?? "", "--recipe", spec.recipe ?? ""];
  if (spec.out) words.push("--out", spec.out);
  if (spec.recursive) words.push("--recursive");
  for (const pattern of spec.include ?? []) words.push("--include", pattern);
  for (const pattern of spec.exclude ?? []) words.push("--exclude", pattern);
  if (spec.on_success && spec.on_success !== "keep") words.push("--on-success", spec.on_success);
  if (spec.poll) words.push("--poll");
  return words.map(quoted).join(" ");
}
