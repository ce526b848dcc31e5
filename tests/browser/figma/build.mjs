/** What is committed is what the sources make, Figma's checks of a manifest pass, and nothing in it comes from elsewhere. */
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { check } from "../lib/browser.mjs";
import { ROOT } from "../lib/daemon.mjs";

const plugin = join(ROOT, "integrations/figma");
const read = (/** @type {string} */ path) => readFileSync(join(plugin, path), "utf8");

// Both halves and the simulated host are held to Figma's typings.
for (const project of ["integrations/figma/tsconfig.code.json", "integrations/figma/tsconfig.ui.json", "tests/browser/figma/host"]) {
  const { status, stdout } = spawnSync(join(ROOT, "tests/browser/node_modules/.bin/tsc"), ["--project", join(ROOT, project)], { encoding: "utf8" });
  check(status === 0, `${project}:\n${stdout}`);
}

const { status, stderr } = spawnSync(process.execPath, [join(plugin, "build.mjs"), "--check"], { encoding: "utf8" });
check(status === 0, stderr);

// Built in another folder it has the same bytes: no path of anybody's machine is in it.
const elsewhere = mkdtempSync(join(tmpdir(), "easel-figma-"));
try {
  for (const path of ["integrations/figma", "integrations/web", "integrations/typescript"]) {
    cpSync(join(ROOT, path), join(elsewhere, path), { recursive: true, filter: (from) => !from.includes("node_modules") });
  }
  mkdirSync(join(elsewhere, "tests"), { recursive: true });
  symlinkSync(join(ROOT, "tests/browser"), join(elsewhere, "tests/browser"));
  for (const path of ["dist/code.js", "dist/ui.html"]) rmSync(join(elsewhere, "integrations/figma", path));
  const again = spawnSync(process.execPath, [join(elsewhere, "integrations/figma/build.mjs")], { encoding: "utf8" });
  check(again.status === 0, again.stderr);
  for (const path of ["dist/code.js", "dist/ui.html"]) {
    check(readFileSync(join(elsewhere, "integrations/figma", path), "utf8") === read(path), `${path} differs from folder to folder`);
  }
} finally {
  rmSync(elsewhere, { recursive: true, force: true });
}

// The manifest, as Figma reads it: names with a scheme, no numeric addresses, no wildcards of ports.
const manifest = JSON.parse(read("manifest.json"));
const { allowedDomains, devAllowedDomains, reasoning } = manifest.networkAccess;
check(String(allowedDomains) === "none", "a published plugin would reach nothing");
check(devAllowedDomains.every((/** @type {string} */ it) => /^http:\/\/localhost:\d+$/.test(it)), "a plugin of one's own reaches this computer alone");
check(reasoning.length <= 1000, "Figma shows 1000 characters of the reasoning");
check(manifest.documentAccess === "dynamic-page" && manifest.api === "1.0.0" && String(manifest.editorType) === "figma", "it is a plugin of today's kind");
for (const path of [manifest.main, manifest.ui]) check(read(path).length > 10_000, `${path} is there`);
const commands = manifest.menu.flatMap((/** @type {{ command?: string }} */ it) => it.command ?? []);
const buttons = manifest.relaunchButtons.map((/** @type {{ command: string }} */ it) => it.command);
check(String(buttons) === "iterate,re-run" && buttons.every((/** @type {string} */ it) => commands.includes(it)), "both buttons are in the menu, too");

// Nothing comes from elsewhere, and nothing is kept where other pages could read it.
for (const path of ["dist/code.js", "dist/ui.html"]) {
  // Types in comments name modules; code may not.
  const text = read(path).replace(/\/\*[\s\S]*?\*\//g, "");
  const named = [...text.matchAll(/https?:\/\/[\w.[\]:$@{}-]+/g)].map(([address]) => address);
  const addresses = named.filter((it) => !/^http:\/\/(localhost|www\.w3\.org|127\.0\.0\.1)/.test(it));
  check(!addresses.length, `${path} names ${addresses}`);
  for (const word of ["localStorage", "sessionStorage", "indexedDB", "document.cookie", "eval(", "new Function", "innerHTML", "import("]) {
    check(!text.includes(word), `${path} has ${word}`);
  }
}
