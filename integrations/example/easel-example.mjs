// A whole integration: node easel-example.mjs [MODEL [PARAMETERS]], with Node 20 or newer and nothing else.
import { readFile } from "node:fs/promises";
import { setTimeout as pause } from "node:timers/promises";
const [model = "auto", params = "{}"] = process.argv.slice(2);
const { EASEL_DATA_DIR: folder = `${process.env.HOME}/.local/share/easel`, EASEL_URL, EASEL_TOKEN } = process.env;
// Where the daemon is now. One that crashed has left its file, and its port may be anybody's: they get no token.
async function daemon() {
  if (EASEL_URL) return [EASEL_URL, EASEL_TOKEN];
  const { port, pid } = JSON.parse(await readFile(`${folder}/daemon.json`, "utf8"));
  process.kill(pid, 0); // asks whether there is such a process, and throws where there is none
  return [`http://127.0.0.1:${port}`, (await readFile(`${folder}/token`, "utf8")).trim()];
}
// Asks until there is an answer. All that is sent here may be sent twice: one key is one transform.
async function send(path, { headers, ...init } = {}, tries = 240) {
  try {
    const [url, token] = await daemon();
    const answer = await fetch(url + path, { ...init, headers: { ...headers, authorization: `Bearer ${token}` } });
    return Buffer.from(await answer.arrayBuffer());
  } catch (error) {
    return tries > 0 ? pause(250).then(() => send(path, { headers, ...init }, tries - 1)) : Promise.reject(error);
  }
}
async function call(method, params) {
  const [headers, body] = [{ "content-type": "application/json" }, JSON.stringify({ jsonrpc: "2.0", id: 1, method, params })];
  const { result, error } = JSON.parse(await send("/rpc", { method: "POST", headers, body }));
  if (error) throw Object.assign(new Error(error.message), error.data); // { kind, message, hint, charged }
  return result;
}
async function put(format, body) {
  const type = `application/vnd.easel.pixels; format=${format}; width=${width}; height=${height}`;
  const stored = JSON.parse(await send("/v1/blobs", { method: "PUT", headers: { "content-type": type }, body }));
  if (!stored.id) throw Object.assign(new Error(stored.message), stored);
  return stored.id;
}
// A layer at 40, 30 of its document, with a round selection: rows from top to bottom without gaps.
const [width, height, origin] = [160, 120, { document: "example", layer: "Background", x: 40, y: 30 }];
const pixels = [...Array(width * height).keys()].map((at) => [at % width, Math.floor(at / width)]);
const layer = Buffer.from(pixels.flatMap(([x, y]) => [x, 2 * y, x ^ y, 255]));
const mask = Buffer.from(pixels.map(([x, y]) => (Math.hypot(x - 80, y - 60) <= 30 ? 255 : 0)));
// The price, or why not, before anything is sent: shapes stand for pictures.
const ask = { client: "example", title: "Background", intent: "enhance", models: [model], params: JSON.parse(params), origin };
const shape = { width, height, mask: { x: 50, y: 30, width: 61, height: 61 } };
const { jobs: plans } = await call("transform.plan", { ask: { ...ask, source: "0".repeat(64) }, shape });
for (const plan of plans) console.log(plan.model, plan.failure?.message ?? (plan.cost ? `${plan.cost} ${plan.currency}` : "free"));
Object.assign(ask, { source: await put("rgba8", layer), mask: await put("gray8", mask) });
const { id, jobs } = await call("transform.submit", { key: crypto.randomUUID(), ask });
// This id and the number of the last event, kept with the document, are all that it takes to go on after a restart.
for (let after = 0, open = jobs.length; open > 0; ) {
  const { events, next } = await call("job.events", { transform: id, after, wait_ms: 20_000 });
  for (const { seq, event, stage, reason, failure } of events) console.log(seq, event, stage ?? reason ?? failure ?? "");
  [after, open] = [next, open - events.filter(({ event }) => ["done", "failed", "cancelled"].includes(event)).length];
}
// Each result becomes a layer above its source, in one undo step: here it is laid over a copy, to see what changed.
for (const { blob, place } of (await call("transform.get", { id })).jobs.flatMap((job) => job.artifacts)) {
  const [rows, shown, line] = [await send(`/v1/blobs/${blob}/pixels?format=rgba8`), Buffer.from(layer), 4 * place.width];
  for (let y = 0; y < place.height; y += 1) rows.copy(shown, 4 * ((place.y + y) * width + place.x), y * line, (y + 1) * line);
  const changed = [...mask.keys()].filter((at) => shown.readUInt32LE(4 * at) !== layer.readUInt32LE(4 * at));
  const outside = changed.filter((at) => mask[at] === 0).length; // the rule of rules: always 0
  console.log(JSON.stringify({ ...place, x: origin.x + place.x, y: origin.y + place.y, blob, changed: changed.length, outside }));
}
