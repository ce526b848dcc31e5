/**
 * Another page makes the browser ask something of the daemon: by forms, by requests of each kind that a page may make
 * unasked, by beacons, pings and reports, by a redirect. From another site, from a frame without an origin, and from
 * another port of this machine. Nothing is done, and nothing is told.
 */
import { check } from "../lib/browser.mjs";
import { Daemon } from "../lib/daemon.mjs";
import { Hostile, Naive, answersTo, enter, everything, launchForAttack, until, victim } from "../lib/hostile.mjs";

/** @import { Attack } from "../lib/attacker.mjs" */
/** @typedef {{ url: string, way: string, call: string, hostile: string }} Given what a way is told: the place, its own name, a call */

const daemon = await Daemon.start();
const source = await daemon.upload("tests/data/coffee.png");
/** @param {string} key @param {string} prompt */
const ask = (key, prompt) => ({ key, ask: { intent: "restyle", source, models: ["same-8"], prompt } });
// Somebody's work, so that there is something to see and something to spoil.
await daemon.call("transform.submit", ask("theirs", "a secret"));
await until(async () => (await daemon.call("job.list")).jobs.every((/** @type {any} */ job) => job.state === "done"), "their own work is not done");
const [hostile, naive] = [await Hostile.start(), await Naive.start()];
const browser = await launchForAttack();

/** What the attacker's page holds, where the ways run. */
const { attack } = /** @type {{ attack: Attack }} */ (/** @type {unknown} */ (globalThis));

/**
 * Each runs in the attacker's page and gives what that page learnt, where it can learn anything. All ask for a
 * transform that must not come to be, or for as much.
 * @type {Record<string, (given: Given) => Promise<unknown>>}
 */
const WAYS = {
  // Those that the browser tells nobody the end of come first, so that they have arrived when it is looked at what changed.
  "beacon, plain text": ({ url, call }) => attack.beacon(`${url}/rpc`, "text/plain", call),
  "beacon, JSON": ({ url, call }) => attack.beacon(`${url}/rpc`, "application/json", call),
  "ping of a link": ({ url, way }) => attack.ping(`${url}/rpc?way=${way}`),
  "report of a broken policy": ({ url, way, hostile }) => attack.form(`${hostile}/report`, "", [["to", `${url}/rpc?way=${way}`]], "get"),
  "form as plain text": ({ url, call }) => {
    // A form puts `=` between a name and its value: here it becomes part of the prompt.
    const [name = "", value = ""] = call.split("@");
    return attack.form(`${url}/rpc`, "text/plain", [[name, value]]);
  },
  "form, urlencoded": ({ url, call }) => attack.form(`${url}/rpc`, "application/x-www-form-urlencoded", [[call, ""]]),
  "form in parts": ({ url, call }) => attack.form(`${url}/rpc`, "multipart/form-data", [["call", call]]),
  "form to a blob": ({ url, way }) => attack.form(`${url}/v1/blobs?way=${way}`, "multipart/form-data", [["picture", "P5 1 1 255 a"]]),
  "form that asks with GET": ({ url, way }) => attack.form(`${url}/rpc`, "", [["way", way], ["method", "server.shutdown"]], "get"),
  "form sent on by a redirect": ({ url, call, hostile }) => {
    const [name = "", value = ""] = call.split("@");
    return attack.form(`${hostile}/redirect?to=${url}/rpc`, "text/plain", [[name, value]]);
  },
  "request without CORS": ({ url, call }) => attack.send(`${url}/rpc`, { method: "POST", mode: "no-cors", body: call }),
  "request without CORS and type": ({ url, call }) => attack.send(`${url}/rpc`, { method: "POST", mode: "no-cors", body: new Blob([call]) }),
  "request without CORS, urlencoded": ({ url, call }) =>
    attack.send(`${url}/rpc`, { method: "POST", mode: "no-cors", body: call, headers: { "content-type": "application/x-www-form-urlencoded" } }),
  "request without CORS, in parts": ({ url, call }) => {
    const form = new FormData();
    form.set("call", call);
    return attack.send(`${url}/rpc`, { method: "POST", mode: "no-cors", body: form });
  },
  "request without CORS that outlives its page": ({ url, call }) => attack.send(`${url}/rpc`, { method: "POST", mode: "no-cors", keepalive: true, body: call }),
  "request with CORS": ({ url, call }) => attack.send(`${url}/rpc`, { method: "POST", body: call }),
  "request with CORS, JSON": ({ url, call }) => attack.send(`${url}/rpc`, { method: "POST", body: call, headers: { "content-type": "application/json" } }),
  "request with the type of JSON in plain text": ({ url, call }) =>
    attack.send(`${url}/rpc`, { method: "POST", body: call, headers: { "content-type": "text/plain; application/json" } }),
  "request with a guessed token": ({ url, call }) =>
    attack.send(`${url}/rpc`, { method: "POST", body: call, headers: { "content-type": "application/json", authorization: `Bearer ${"0".repeat(64)}` } }),
  "request sent on by a redirect": ({ url, call, hostile }) => attack.send(`${hostile}/redirect?to=${url}/rpc`, { method: "POST", body: call }),
  "upload of a picture": ({ url, way }) =>
    attack.send(`${url}/v1/blobs?way=${way}`, { method: "PUT", body: new Uint8Array(4), headers: { "content-type": "application/vnd.easel.pixels; format=rgba8; width=1; height=1" } }),
};

const before = await everything(daemon);
for (const [from, address] of hostile.places) {
  const context = await victim(browser);
  const page = await context.newPage();
  const answers = answersTo(context, daemon.url);
  for (const [way, run] of Object.entries(WAYS)) {
    const name = `${way} from ${from}`;
    const key = name.replace(/\W+/g, "-");
    const call = JSON.stringify({ jsonrpc: "2.0", id: 1, method: "transform.submit", params: ask(key, "a@b") });
    /** @param {string} url */
    const attempt = async (url) => {
      const frame = await enter(page, address);
      return frame.evaluate(run, { url, way: key, call, hostile: hostile.at("evil.test", "") });
    };
    await attempt(naive.url);
    await until(() => naive.got.has(key), `${name}: it gets in nowhere, so it proves nothing`);
    const text = JSON.stringify((await attempt(daemon.url)) ?? null);
    check(!/theirs|secret|"result\\?"/.test(text), `${name}: the page learnt ${text}`);
  }
  // All that a page without a token is told is what it may ask.
  const allowed = answers.filter(({ method, status }) => status && status < 400 && method !== "OPTIONS");
  check(allowed.length === 0, `from ${from}: the daemon answered ${JSON.stringify(allowed)}`);
  const refused = answers.filter(({ status, kept }) => kept || status >= 400).length;
  check(refused > 8, `from ${from}: only ${refused} attacks came as far as the daemon`);
  await context.close();
}

const after = await everything(daemon);
check(after === before, `something changed:\n${before}\n${after}`);

// The same call from the right place, with the token: it was the gate that refused, not the call that was wrong.
const mine = await daemon.call("transform.submit", ask("mine", "a=b"));
check(mine.key === "mine" && (await everything(daemon)) !== before, "the call itself is wrong");
await browser.close();
await daemon.kill();
