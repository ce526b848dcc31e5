// Makes `dist/code.js` and `dist/ui.html`, the two files that Figma loads. Figma takes one file for each half and serves
// nothing beside them, so everything is part of them. The same sources give the same bytes on every machine: a test
// builds them again and compares.
//
// node build.mjs          writes them
// node build.mjs --check  fails where they are not what the sources make

import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";

const at = (path) => new URL(path, import.meta.url);

// The tools are those of the browser tests: `npm ci` in `tests/browser` brings them.
const esbuild = createRequire(at("../../tests/browser/package.json"))("esbuild");

/** What both halves have in common. */
const shared = {
  absWorkingDir: at(".").pathname,
  bundle: true,
  write: false,
  format: "iife",
  charset: "utf8",
  legalComments: "none",
  logLevel: "warning",
};

// Figma runs this half in an interpreter of its own. It speaks ES2020 and more by now; ES2017 is what it has always
// spoken, and costs nothing here.
const code = await esbuild.build({ ...shared, entryPoints: ["src/code/main.ts"], platform: "neutral", target: "es2017" });

// The other half runs in a browser's frame: the newest Figma in a browser of the last three years.
const ui = await esbuild.build({ ...shared, entryPoints: ["src/ui/main.ts"], platform: "browser", target: "es2022" });
const style = readFileSync(at("src/ui/ui.css"), "utf8");
// `</script` in a text of ours would end the element.
const script = ui.outputFiles[0].text.replaceAll("</script", "<\\/script");
const html = readFileSync(at("src/ui/ui.html"), "utf8")
  .replace("/* style */", () => style)
  .replace("/* script */", () => script);

const made = { "dist/code.js": code.outputFiles[0].text, "dist/ui.html": html };

if (process.argv.includes("--check")) {
  const stale = Object.keys(made).filter((path) => read(path) !== made[path]);
  if (stale.length) {
    console.error(`not what the sources make: ${stale.join(", ")}; run \`node integrations/figma/build.mjs\``);
    process.exit(1);
  }
} else {
  mkdirSync(at("dist"), { recursive: true });
  for (const [path, text] of Object.entries(made)) writeFileSync(at(path), text);
}

function read(path) {
  try {
    return readFileSync(at(path), "utf8");
  } catch {
    return undefined;
  }
}
