/**
 * Writes the `modulepreload` links of `index.html` anew: all that the page and its first view import, so that a browser
 * fetches them at once instead of one import after another. Run by hand (`npm run preloads`) when a module is added; the
 * test of pairing names those that are missing.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { posix } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL(".", import.meta.url));
const ENTRY = "main.js";
/** Blocks the first paint, and is a link of its own. */
const OWN = ["main.js", "core/theme.js"];

/** @type {string[]} */
const found = [];

/** @param {string} path */
function follow(path) {
  if (found.includes(path)) return;
  found.push(path);
  const text = readFileSync(ROOT + path, "utf8");
  for (const [, to = ""] of text.matchAll(/^(?:(?:import|export)\s[^;]*?from\s+|import\s+)"(\.[^"]+)"/gm)) {
    follow(posix.join(posix.dirname(path), to));
  }
}

follow(ENTRY);
follow("views/transform.js");
const links = found.filter((path) => !OWN.includes(path)).map((path) => `    <link rel="modulepreload" href="/page/${path}">\n`);
const script = `    <script type="module" src="/page/${ENTRY}"></script>\n`;
const without = readFileSync(`${ROOT}index.html`, "utf8").replace(/^ *<link rel="modulepreload".*\n/gm, "");
writeFileSync(`${ROOT}index.html`, without.replace(script, script + links.join("")));
