/**
 * The page for whoever writes a further editor: its example is the file beside it, has sixty lines and needs nothing but
 * Node; it carries a layer there and back while the daemon is killed and replaced, from files and as a paired client; and
 * what the page names is there.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { check } from "../lib/browser.mjs";
import { Daemon, ROOT } from "../lib/daemon.mjs";

const README = join(ROOT, "integrations/README.md");
const EXAMPLE = join(ROOT, "integrations/example/easel-example.mjs");
const [readme, example] = [README, EXAMPLE].map((path) => readFileSync(path, "utf8"));
if (readme === undefined || example === undefined) throw new Error("there is no example");

// What is read is what runs.
check(/```js\n([^]*?)```/.exec(readme)?.[1] === example, "the example on the page is another than the file");
const lines = example.trimEnd().split("\n");
check(lines.length <= 60, `the example has ${lines.length} lines`);
const imports = [...example.matchAll(/\bfrom "([^"]+)"|import\("([^"]+)"\)/g)].map(([, from, other]) => from ?? other ?? "");
check(imports.length > 0 && imports.every((name) => name.startsWith("node:")), `the example needs ${imports}`);

// What the page leads to is there, and so is every method and format that it names.
for (const [, target = ""] of readme.matchAll(/\]\(([^)#:]+)\)/g)) check(existsSync(join(dirname(README), target)), `there is no ${target}`);
const daemon = await Daemon.start();
const discovered = await daemon.call("rpc.discover");
const known = new Set([...discovered.methods.map((/** @type {any} */ it) => it.name), "job.subscribe"]);
const named = [...readme.matchAll(/`((?:model|recipe|reference|transform|job|pairing|folder|server|artifact|run|spend)\.[a-z]+)/g)].map(([, name = ""]) => name);
check(named.length > 10, "the page names no methods");
for (const name of named) check(known.has(name), `there is no method ${name}`);
const formats = [...(/## Pixels([^]*?)\n## /.exec(readme)?.[1] ?? "").matchAll(/`((?:rgba|bgra|gray)\w*)`/g)].map(([, format = ""]) => format);
/** @type {Record<string, number>} */
const bytes = Object.fromEntries([...readme.matchAll(/\| ((?:`\w+`(?:, )?)+) \| (\d+) \|/g)].flatMap(([, names = "", size]) => [...names.matchAll(/`(\w+)`/g)].map(([, name]) => [name, Number(size)])));
check(formats.length === 11 && new Set(formats).size === 11, `the page has ${formats.length} formats of 11: ${formats}`);
for (const format of formats) {
  const type = `application/vnd.easel.pixels; format=${format}; width=2; height=1`;
  const answer = await daemon.fetch("/v1/blobs", { method: "PUT", headers: { "content-type": type }, body: new Uint8Array(2 * (bytes[format] ?? 0)) });
  check(answer.status === 201, `two pixels of ${format} have not ${2 * (bytes[format] ?? 0)} bytes: ${await answer.text()}`);
}

/**
 * Runs the example; `heard` is told each line that it says.
 * @param {string[]} words @param {Record<string, string>} environment @param {(line: string) => void} [heard]
 */
async function run(words, environment, heard) {
  const { EASEL_DATA_DIR: _, EASEL_URL: __, EASEL_TOKEN: ___, ...others } = process.env;
  const child = spawn(process.execPath, [EXAMPLE, ...words], { env: { ...others, ...environment }, stdio: ["ignore", "pipe", "pipe"] });
  process.on("exit", () => child.kill());
  /** @type {string[]} */
  const said = [];
  createInterface(child.stdout).on("line", (line) => {
    said.push(line);
    heard?.(line);
  });
  let errors = "";
  child.stderr.on("data", (text) => (errors += text));
  const [code] = await once(child, "close");
  return { code, said, errors };
}

/** The result that the example found, held against what lies in the daemon. @param {{ code: number, said: string[], errors: string }} ran */
async function judge({ code, said, errors }) {
  check(code === 0, `the example ends with ${code}:\n${said.join("\n")}\n${errors}`);
  const { transforms } = await daemon.call("transform.list", { limit: 1 });
  const { ask, jobs } = transforms[0];
  const [artifact] = jobs[0].artifacts;
  const found = JSON.parse(said.at(-1) ?? "");
  // A round selection of 61×61 at 50, 30 of a layer at 40, 30.
  check(found.x === 90 && found.y === 60 && found.width === 61 && found.height === 61 && found.blob === artifact.blob, `placed wrongly: ${said.at(-1)}`);
  check(found.outside === 0 && found.changed > 1000 && found.changed < 61 * 61, `changed wrongly: ${said.at(-1)}`);
  check(ask.origin.document === "example" && ask.client === "example" && artifact.fidelity.changed_outside === 0, "its ask is another");
  // Without its help: outside the circle every pixel of the result is the pixel of the source.
  const rows = async (/** @type {string} */ blob) => Buffer.from(await (await daemon.fetch(`/v1/blobs/${blob}/pixels?format=rgba8`)).arrayBuffer());
  const [source, result] = [await rows(ask.source), await rows(artifact.blob)];
  let changed = 0;
  for (let y = 0; y < 61; y += 1) {
    for (let x = 0; x < 61; x += 1) {
      const same = result.readUInt32LE(4 * (y * 61 + x)) === source.readUInt32LE(4 * ((y + 30) * 160 + x + 50));
      if (!same) changed += 1;
      check(same || Math.hypot(x - 30, y - 30) <= 30, `the pixel ${x}, ${y} outside the selection is another`);
    }
  }
  check(changed === found.changed, `it counts ${found.changed} changed pixels, and ${changed} are`);
  return { transforms, jobs, said };
}

// The daemon is killed as soon as the job runs, and another takes its place: the job is done once, and told to its end.
const before = (await daemon.call("transform.list", { limit: 500 })).transforms.length;
/** @type {Promise<void> | undefined} */
let replaced;
const { jobs, said } = await judge(
  await run(["slow", '{"milliseconds":6000}'], { EASEL_DATA_DIR: daemon.data }, (line) => {
    if (/ started/.test(line)) replaced ??= daemon.kill().then(() => daemon.startAgain());
  }),
);
await replaced;
check(said[0] === "slow free", `the price does not come first: ${said[0]}`);
check(said.some((line) => / requeued/.test(line)) && jobs[0].attempts === 2, `the daemon was not replaced while it ran:\n${said.join("\n")}`);
const numbers = said.flatMap((line) => /^(\d+) /.exec(line)?.[1] ?? []).map(Number);
check(numbers.every((number, at) => at === 0 || number > (numbers[at - 1] ?? 0)), `events came twice or out of order: ${numbers}`);
check((await daemon.call("transform.list", { limit: 500 })).transforms.length === before + 1, "it was submitted more than once");

// As a client that can read no files: paired, with an address and a token.
const answer = await fetch(`${daemon.url}/rpc`, {
  method: "POST",
  headers: { "content-type": "application/json" },
  body: JSON.stringify({ jsonrpc: "2.0", id: 1, method: "pairing.finish", params: { code: await daemon.code(), client: "example" } }),
});
const { token } = (await answer.json()).result;
const elsewhere = { EASEL_DATA_DIR: join(daemon.data, "nothing"), EASEL_URL: daemon.url, EASEL_TOKEN: token };
await judge(await run(["same-8", '{"left":1}'], elsewhere));

// A failure is told with its kind and what to do; one before anything is sent ends it with an error.
const failed = await run(["error-text"], elsewhere);
check(failed.said.some((line) => / failed /.test(line)) && /kind: 'backend_failed'/.test(failed.said.join("\n")), `a failure is told as ${failed.said.join("\n")}`);
const unknown = await run(["nobody"], elsewhere);
check(unknown.code !== 0 && unknown.said[0]?.includes("there is no model") === true && /kind: 'not_found'/.test(unknown.errors) && /hint:/.test(unknown.errors), `an unknown model is told as ${JSON.stringify(unknown)}`);
await daemon.kill();
