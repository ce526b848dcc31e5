/** Backends in C, compiled into a daemon's data folder as whoever writes one would. */
import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "./daemon.mjs";

/**
 * Compiles a plugin of `tests/backends` or `plugins`. Nobody trusts it yet.
 * @param {import("./daemon.mjs").Daemon} daemon
 * @param {string} folder below the repository
 * @param {(manifest: string) => string} [change] what its manifest says instead
 */
export function installPlugin(daemon, folder, change = (manifest) => manifest) {
  const from = join(ROOT, folder);
  const manifest = change(readFileSync(join(from, "backend.toml"), "utf8"));
  const library = /^library\s*=\s*"([^"]+)"/m.exec(manifest)?.[1];
  const source = readdirSync(from).find((name) => name.endsWith(".c"));
  if (!library || !source) throw new Error(`${folder} is no plugin in C`);
  const target = join(daemon.data, "backends", folder.split("/").at(-1) ?? folder);
  mkdirSync(target, { recursive: true });
  writeFileSync(join(target, "backend.toml"), manifest);
  const output = join(target, process.platform === "darwin" ? `lib${library}.dylib` : `lib${library}.so`);
  const { status, stderr } = spawnSync("cc", ["-O2", "-shared", "-fPIC", "-I", join(ROOT, "plugins/abi"), join(from, source), "-o", output], { encoding: "utf8" });
  if (status !== 0) throw new Error(`${folder} does not compile: ${stderr}`);
}

/**
 * Runs a model until its backend is in quarantine.
 * @param {import("./daemon.mjs").Daemon} daemon @param {string} backend @param {string} source a stored picture
 */
export async function crashUntilQuarantined(daemon, backend, source) {
  for (let tries = 0; tries < 6; tries += 1) {
    const { backends } = await daemon.call("backend.list");
    const { state } = backends.find((/** @type {any} */ it) => it.id === backend);
    if (state === "quarantined") return;
    const submitted = await daemon.call("transform.submit", { key: `crash-${backend}-${tries}`, ask: { intent: "restyle", source, models: [backend] } });
    for (let after = 0; ; ) {
      const { events, next } = await daemon.call("job.events", { transform: submitted.id, after, wait_ms: 20_000 });
      if (events.some((/** @type {any} */ it) => ["failed", "done"].includes(it.event))) break;
      if (events.length === 0) throw new Error(`${backend} neither crashes nor ends`);
      after = next;
    }
  }
  throw new Error(`${backend} crashes and is not quarantined`);
}
