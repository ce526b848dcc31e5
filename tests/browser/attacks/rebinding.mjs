/**
 * A name of the attacker's leads to this machine: the browser takes the daemon for the attacker's own site, and asks no
 * further. The daemon looks at the name that it is called by, in whatever form it comes, and answers to its own alone.
 */
import { connect } from "node:net";
import { check } from "../lib/browser.mjs";
import { Daemon } from "../lib/daemon.mjs";
import { Hostile, Naive, enter, everything, launchForAttack, victim } from "../lib/hostile.mjs";

/** @import { Attack } from "../lib/attacker.mjs" */

const daemon = await Daemon.start();
const source = await daemon.upload("tests/data/coffee.png");
const [hostile, naive] = [await Hostile.start(), await Naive.start()];
const browser = await launchForAttack();
const { attack } = /** @type {{ attack: Attack }} */ (/** @type {unknown} */ (globalThis));
const before = await everything(daemon);
const PATHS = ["/", "/page/main.js", "/page/index.html", "/page/style/base.css", "/healthz", "/metrics", "/rpc", `/v1/blobs/${source}`, `/v1/blobs/${source}/preview`, "/nothing"];

const context = await victim(browser);
const page = await context.newPage();
for (const path of PATHS) {
  check((await page.goto(naive.at("rebind.test", path)))?.status() === 200, `${path}: the name leads nowhere, so it proves nothing`);
  const response = await page.goto(`http://rebind.test:${daemon.port}${path}`);
  const text = (await response?.text()) ?? "";
  check(response?.status() === 403 && text.includes("is not this machine"), `${path}: ${response?.status()} ${text}`);
  check(!/<script|<link|Easel<|ok\n/.test(text), `${path}: gives something away: ${text}`);
}
// The attacker's page, there since before the name led here: to the browser the daemon is its own site by now, and
// nothing of CORS holds any more.
await context.route(`http://rebind.test:${daemon.port}/theirs`, (route) => route.fulfill({ contentType: "text/html", body: "<title>Theirs</title>" }));
await page.goto(`http://rebind.test:${daemon.port}/theirs`);
for (const token of ["", `Bearer ${daemon.token.trim()}`]) {
  for (const path of PATHS) {
    const learnt = await page.evaluate(
      async ([path, authorization]) => {
        const headers = authorization ? { authorization } : undefined;
        const response = await fetch(path ?? "", headers ? { headers } : {});
        return { status: response.status, text: await response.text() };
      },
      [path, token],
    );
    check(learnt.status === 403, `${path} ${token ? "with" : "without"} the token: ${JSON.stringify(learnt)}`);
  }
  for (const method of ["transform.list", "pairing.finish", "server.shutdown"]) {
    const learnt = await page.evaluate(
      async ([method, authorization]) => {
        const call = { jsonrpc: "2.0", id: 1, method, params: { code: "1", client: "x" } };
        const headers = { "content-type": "application/json", ...(authorization ? { authorization } : {}) };
        const response = await fetch("/rpc", { method: "POST", headers, body: JSON.stringify(call) });
        return { status: response.status, text: await response.text() };
      },
      [method, token],
    );
    check(learnt.status === 403 && !learnt.text.includes('"result"'), `${method} ${token ? "with" : "without"} the token: ${JSON.stringify(learnt)}`);
  }
}
// Calling from elsewhere to that name is no way in either.
const frame = await enter(page, hostile.at("evil.test", "/page"));
const image = await frame.evaluate((url) => attack.embed("img", url), `http://rebind.test:${daemon.port}/v1/blobs/${source}/preview`);
check(image.event === "error", "a picture loads by another name");
check((await everything(daemon)) === before, "something changed");
await browser.close();

/**
 * What the daemon answers to a request written out by hand; 0 where it hangs up.
 * @param {string} head the request, without the empty line
 * @returns {Promise<{ status: number, text: string }>}
 */
function raw(head) {
  return new Promise((resolve, reject) => {
    const socket = connect(daemon.port, "127.0.0.1", () => socket.write(`${head.replaceAll("\n", "\r\n")}\r\n\r\n`));
    let text = "";
    socket.setEncoding("latin1");
    socket.setTimeout(60_000, () => reject(new Error(`no answer to ${head}`)));
    socket.on("data", (part) => (text += part));
    socket.on("error", () => {});
    socket.on("close", () => resolve({ status: Number(/^HTTP\/1\.[01] (\d+)/.exec(text)?.[1] ?? 0), text }));
  });
}
const { port } = daemon;
const right = `connection: close\nauthorization: Bearer ${daemon.token.trim()}`;
/** What this machine is called. */
const GOOD = [`127.0.0.1:${port}`, `localhost:${port}`, `LOCALHOST:${port}`, "127.0.0.1", "localhost", `[::1]:${port}`];
for (const host of GOOD) check((await raw(`GET /metrics HTTP/1.1\nhost: ${host}\n${right}`)).status === 200, `${host} is not let in`);

/** What it is not called, and what is no name at all. */
const BAD = [
  `rebind.test:${port}`,
  `localhost.evil.test:${port}`,
  `127.0.0.1.evil.test:${port}`,
  `evil.test.:${port}`,
  `localhost.:${port}`,
  `127.0.0.1.:${port}`,
  `evil-localhost:${port}`,
  `notlocalhost:${port}`,
  `localhost@evil.test:${port}`,
  `evil.test@127.0.0.1:${port}`,
  `127.0.0.1:${port}@evil.test`,
  `127.0.0.1:${port}, evil.test`,
  `127.0.0.1 evil.test`,
  `127.0.0.1:${port}:${port}`,
  `127.0.0.1/evil.test`,
  `127.0.0.1#evil.test`,
  `localhost\tevil.test`,
  `0.0.0.0:${port}`,
  `[::]:${port}`,
  `[::ffff:10.0.0.1]:${port}`,
  `192.168.0.1:${port}`,
  `2130706433:${port}`,
  `0x7f.0.0.1:${port}`,
  `xn--locahost-xyz:${port}`,
  `[127.0.0.1]evil.test`,
  `:${port}`,
  "",
];
for (const host of BAD) {
  for (const path of ["/", "/metrics", "/page/main.js"]) {
    const { status, text } = await raw(`GET ${path} HTTP/1.1\nhost: ${host}\n${right}`);
    check(status === 403 || status === 400, `host \`${host}\` for ${path}: ${status} ${text.slice(0, 200)}`);
  }
}

/** Requests that say more than one thing about where they go, or nothing. @type {[string, string][]} */
const AMBIGUOUS = [
  ["no host", `GET /metrics HTTP/1.1\n${right}`],
  ["no host in HTTP/1.0", `GET /metrics HTTP/1.0\n${right}`],
  ["two hosts, the right one first", `GET /metrics HTTP/1.1\nhost: 127.0.0.1:${port}\nhost: evil.test\n${right}`],
  ["two hosts, the right one last", `GET /metrics HTTP/1.1\nhost: evil.test\nhost: 127.0.0.1:${port}\n${right}`],
  ["a whole address of somebody else's", `GET http://evil.test:${port}/metrics HTTP/1.1\nhost: 127.0.0.1:${port}\n${right}`],
  ["a whole address of somebody else's and their host", `GET http://evil.test:${port}/metrics HTTP/1.1\nhost: evil.test:${port}\n${right}`],
  ["a whole address, somebody else's host", `GET http://127.0.0.1:${port}/metrics HTTP/1.1\nhost: evil.test\n${right}`],
  ["a whole address with a name before it", `GET http://evil.test@127.0.0.1:${port}/metrics HTTP/1.1\nhost: evil.test\n${right}`],
  ["another header for the host", `GET /metrics HTTP/1.1\nhost: evil.test\nx-forwarded-host: 127.0.0.1\nforwarded: host=127.0.0.1\nx-host: 127.0.0.1\n${right}`],
  ["a folded header", `GET /metrics HTTP/1.1\nhost: 127.0.0.1\n evil.test\n${right}`],
  ["a space before the colon", `GET /metrics HTTP/1.1\nhost : 127.0.0.1\n${right}`],
  ["a tunnel", `CONNECT evil.test:80 HTTP/1.1\nhost: evil.test:80\n${right}`],
  ["a tunnel to the daemon", `CONNECT 127.0.0.1:${port} HTTP/1.1\nhost: 127.0.0.1:${port}\n${right}`],
];
const wrong = [];
for (const [what, head] of AMBIGUOUS) {
  const { status, text } = await raw(head);
  if (status === 200 || status === 0 || text.includes("easel_jobs")) wrong.push(`${what}: ${status}`);
}
// The same without the token, at the page: whoever rebinds has none, and could still read which version runs here.
check(wrong.length === 0, `let in, or not answered: ${wrong.join("; ")}`);

// Two requests in one connection: the second is looked at like the first.
const two = await raw(`GET /healthz HTTP/1.1\nhost: 127.0.0.1\n\nGET /metrics HTTP/1.1\nhost: evil.test\n${right}`);
check(/^HTTP\/1\.1 200/.test(two.text) && /HTTP\/1\.1 403/.test(two.text) && !two.text.includes("easel_jobs"), `a second request: ${two.text}`);
await daemon.kill();
