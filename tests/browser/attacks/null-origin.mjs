/**
 * A frame without an origin, such as any site can make and such as Figma's plugins live in: its origin is let through,
 * so that its token alone decides. Without one it may finish a pairing and nothing else, however it words its call.
 */
import { check } from "../lib/browser.mjs";
import { Daemon } from "../lib/daemon.mjs";
import { Hostile, Naive, enter, everything, launchForAttack, victim } from "../lib/hostile.mjs";

/** @import { Attack, Sent } from "../lib/attacker.mjs" */

const daemon = await Daemon.start();
const [hostile, naive] = [await Hostile.start(), await Naive.start()];
const browser = await launchForAttack();
const { attack } = /** @type {{ attack: Attack }} */ (/** @type {unknown} */ (globalThis));
const context = await victim(browser);
const tab = await context.newPage();
const frame = await enter(tab, hostile.at("evil.test", "/frame"));
check((await frame.evaluate(() => origin)) === "null", "the frame has an origin");

/**
 * @param {string} url @param {string} body @param {Record<string, string>} [headers]
 * @returns {Promise<Sent>}
 */
const post = (url, body, headers = {}) =>
  frame.evaluate(([url, body, headers]) => attack.send(`${url}/rpc`, { method: "POST", body, headers: { "content-type": "application/json", ...JSON.parse(headers) } }), /** @type {[string, string, string]} */ ([
    url,
    body,
    JSON.stringify(headers),
  ]));
/** @param {string} method @param {object} [params] */
const call = (method, params = {}) => JSON.stringify({ jsonrpc: "2.0", id: 1, method, params });
/** @param {Sent} sent @param {string} what */
const refused = (sent, what) => {
  const text = JSON.stringify(sent);
  check("failed" in sent || (!sent.text.includes('"result"') && /unauthorized|the token is (missing|wrong)|-32[67]\d\d|invalid/i.test(sent.text)), `${what}: ${text}`);
};

const before = await everything(daemon);
const given = await post(naive.url, call("transform.list"));
check("text" in given && given.text.includes("stolen"), "the naive daemon tells nothing, so it proves nothing");

// Every method there is, without a token and with wrong ones.
const { methods } = await daemon.call("rpc.discover");
check(methods.length > 40, "the daemon names no methods");
const names = [...methods.map((/** @type {any} */ it) => it.name), "rpc.discover", "job.subscribe", "job.unsubscribe"].filter((name) => name !== "pairing.finish");
for (const name of names) refused(await post(daemon.url, call(name)), `${name} without a token`);
const local = daemon.token.trim();
const WRONG = {
  "zeros": `Bearer ${"0".repeat(64)}`,
  "no token": "Bearer ",
  "nothing": "",
  "half a token": `Bearer ${local.slice(0, 32)}`,
  "another scheme": `Basic ${Buffer.from(`easel:${local}`).toString("base64")}`,
  "a token and more": `Bearer ${local}0`,
  "undefined": "Bearer undefined",
};
for (const [what, authorization] of Object.entries(WRONG)) {
  for (const name of ["transform.list", "server.shutdown", "pairing.start", "pairing.finish"]) refused(await post(daemon.url, call(name, { code: "00000000", client: "x" }), { authorization }), `${name} with ${what}`);
}

// What is let through for the sake of pairing must not carry anything else in.
const { code } = await daemon.call("pairing.start");
const pair = { jsonrpc: "2.0", id: 1, method: "pairing.finish", params: { code: "1", client: "x" } };
const list = { jsonrpc: "2.0", id: 2, method: "transform.list", params: {} };
const SMUGGLED = {
  "a batch": JSON.stringify([pair, list]),
  "a batch of one": JSON.stringify([list]),
  "a method named twice": `{"jsonrpc":"2.0","id":1,"method":"transform.list","method":"pairing.finish","params":{"code":"1","client":"x"}}`,
  "a method named twice, the other way": `{"jsonrpc":"2.0","id":1,"method":"pairing.finish","method":"transform.list","params":{}}`,
  "two calls after each other": `${JSON.stringify(pair)}${JSON.stringify(list)}`,
  "an escaped name": `{"jsonrpc":"2.0","id":1,"method":"pairing\\u002efinish","method":"transform.list","params":{}}`,
  "a name in other letters": call("Pairing.Finish", { code, client: "x" }),
  "a name with a space": call("pairing.finish ", { code, client: "x" }),
  "a call within the parameters": call("pairing.finish", { code: "1", client: "x", method: "transform.list", call: list }),
  "a long call": call("pairing.finish", { code: "1", client: "x".repeat(10_000) }),
  "a deep call": `{"jsonrpc":"2.0","id":1,"method":"pairing.finish","params":${"[".repeat(1500)}${"]".repeat(1500)}}`,
};
for (const [what, body] of Object.entries(SMUGGLED)) {
  const sent = await post(daemon.url, body);
  check("failed" in sent || !/"(transforms|token)":/.test(sent.text), `${what}: ${JSON.stringify(sent)}`);
  refused(sent, what);
}
check((await everything(daemon)) === before, "something changed");

// With a code it gets a token of its own, which is what Figma does; and with that, no more than any paired client.
const fresh = (await daemon.call("pairing.start")).code;
const paired = await post(daemon.url, call("pairing.finish", { code: fresh, client: "figma" }));
check("text" in paired && paired.text.includes('"token"'), `pairing from a frame: ${JSON.stringify(paired)}`);
const authorization = `Bearer ${JSON.parse("text" in paired ? paired.text : "").result.token}`;
const info = await post(daemon.url, call("server.info"), { authorization });
check("text" in info && info.text.includes('"pid"'), `a paired frame is not let in: ${JSON.stringify(info)}`);
/** What no paired client may do. @type {[string, object][]} */
const FORBIDDEN = [
  ["server.shutdown", {}],
  ["pairing.start", {}],
  ["backend.trust", { id: "invert" }],
  ["backend.enable", { id: "invert" }],
  ["backend.disable", { id: "invert" }],
  ["key.set", { name: "gemini", value: "x" }],
  ["key.remove", { name: "gemini" }],
  ["budget.set", { amount: 1 }],
  ["folder.add", { folder: { path: daemon.data, recipe: "x" } }],
  ["folder.remove", { folder: "x" }],
  ["recipe.run", { key: "k", recipe: "/etc/passwd", source: "0".repeat(64) }],
  ["recipe.run", { key: "k", recipe: "x", file: "/etc/passwd", out: daemon.data }],
];
const middle = await everything(daemon);
for (const [name, params] of FORBIDDEN) {
  const sent = await post(daemon.url, call(name, params), { authorization });
  check("text" in sent && sent.text.includes('"forbidden"'), `${name} as a paired frame: ${JSON.stringify(sent)}`);
}
check((await everything(daemon)) === middle, "a paired frame changed something that it must not");
await browser.close();
await daemon.kill();
