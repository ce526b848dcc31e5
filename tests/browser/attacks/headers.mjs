/**
 * What every answer of the daemon says to a browser, whoever asked and whatever came of it: that it is what it is called
 * and nothing else, that no other site may show, frame or read it, and nothing about where its reader goes next.
 */
import { check } from "../lib/browser.mjs";
import { Daemon } from "../lib/daemon.mjs";
import { until } from "../lib/hostile.mjs";

const daemon = await Daemon.start();
const source = await daemon.upload("tests/data/coffee.png");
// A title that would be more than a title: a name of a file, a further header, a page.
const title = 'cup"; filename="evil.html\r\nset-cookie: a=b\r\n\r\n<script>alert(1)</script>\u202Egpj.html';
const { jobs } = await daemon.call("transform.submit", { key: "k", ask: { intent: "restyle", source, models: ["same-8"], title } });
/** @returns {Promise<any>} */
const made = async () => (await daemon.call("job.get", { id: jobs[0].id })).artifacts[0];
await until(async () => Boolean(await made()), "there is no picture");
const artifact = await made();

/** Answers of every kind: what is there, what is not, what is refused. @type {[string, RequestInit?][]} */
const ASKED = [
  ["/"],
  ["/page/main.js"],
  ["/page/index.html"],
  ["/page/style/base.css"],
  ["/page/icon.svg"],
  ["/page/nothing.js"],
  ["/page/../../etc/passwd"],
  ["/page/%2e%2e/%2e%2e/Cargo.toml"],
  ["/page/..%2f..%2fCargo.toml"],
  ["/healthz"],
  ["/metrics"],
  ["/nothing"],
  ["/favicon.ico"],
  ["/rpc"],
  ["/rpc", { method: "POST", headers: { "content-type": "application/json" }, body: '{"jsonrpc":"2.0","id":1,"method":"server.info","params":{}}' }],
  ["/rpc", { method: "POST", headers: { "content-type": "text/html" }, body: "<script>alert(1)</script>" }],
  ["/rpc", { method: "POST", headers: { "content-type": "application/json" }, body: "<script>alert(1)</script>" }],
  ["/rpc", { method: "DELETE" }],
  ["/v1/blobs", { method: "PUT", body: "<html><script>alert(1)</script>", headers: { "content-type": "text/html" } }],
  ["/v1/blobs", { method: "PUT", body: '<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>', headers: { "content-type": "image/svg+xml" } }],
  ["/v1/blobs/<script>alert(1)</script>"],
  [`/v1/blobs/${source}`],
  [`/v1/blobs/${source}/info`],
  [`/v1/blobs/${source}/pixels?format=rgba8`],
  [`/v1/blobs/${source}/pixels?format=<script>`],
  [`/v1/blobs/${source}/preview`],
  [`/v1/blobs/${source}/preview?max=<script>`],
  [`/v1/blobs/${"0".repeat(64)}/preview`],
  [`/v1/artifacts/${artifact.id}/picture?format=png`],
  [`/v1/artifacts/${artifact.id}/picture?format=jpeg`],
  [`/v1/artifacts/${artifact.id}/picture?format=html`],
  [`/v1/artifacts/${artifact.id}/changes`],
  ["/v1/artifacts/<script>/picture"],
];
/** Kinds of answers that a browser runs or draws as a page; only the page's own files may be of one. */
const ACTIVE = /html|javascript|ecmascript|xml|svg|css|pdf/;
/** Everything that is wrong, so that one run tells all. @type {string[]} */
const wrong = [];
/** @param {Response} answer @param {string} what */
function look(answer, what) {
  const said = (/** @type {string} */ name) => answer.headers.get(name) ?? "";
  /** @param {boolean} right @param {string} rule */
  const rule = (right, rule) => right || wrong.push(`${what}: ${answer.status}: ${rule}`);
  rule(said("x-content-type-options") === "nosniff", "no `nosniff`");
  rule(said("cross-origin-resource-policy") === "same-origin", `\`${said("cross-origin-resource-policy")}\` may embed it`);
  rule(said("x-frame-options") === "DENY", "it may be framed");
  rule(/frame-ancestors 'none'/.test(said("content-security-policy")), "its policy lets it be framed");
  rule(said("referrer-policy") === "no-referrer", "it tells where its reader was");
  rule(said("access-control-allow-origin") !== "*" && !answer.headers.has("access-control-allow-credentials"), "any site may read it");
  rule(!answer.headers.has("set-cookie") && !answer.headers.has("server") && !answer.headers.has("x-powered-by"), "it says more than it should");
  const kind = said("content-type");
  rule(kind !== "" || [204, 304, 404, 405].includes(answer.status), "it does not say what it is");
  rule(!ACTIVE.test(kind) || what.startsWith("/page/") || / \/ |^\/ /.test(`${what} `), `a browser would run it: ${kind}`);
  rule(!/unsafe|\*|data:|https?:/.test(said("content-security-policy")), `its policy is loose: ${said("content-security-policy")}`);
}

for (const [path, init] of ASKED) {
  for (const [who, authorization] of [["nobody", ""], ["a stranger", `Bearer ${"0".repeat(64)}`], ["the owner", `Bearer ${daemon.token.trim()}`]]) {
    for (const origin of ["", "http://evil.test", "null", `http://127.0.0.1:${daemon.port + 1}`]) {
      const headers = { .../** @type {Record<string, string>} */ (init?.headers ?? {}), ...(authorization ? { authorization } : {}), ...(origin ? { origin } : {}) };
      const what = `${path} ${init?.method ?? "GET"} for ${who}${origin && ` on ${origin}`}`;
      const answer = await fetch(daemon.url + path, { ...init, headers, redirect: "manual" });
      look(answer, what);
      const text = await answer.text();
      const open = path === "/" || path === "/healthz" || path.startsWith("/page/");
      if (who !== "the owner" && !open && answer.status < 400) wrong.push(`${what}: ${answer.status}: it is told without a token`);
      if (origin === "http://evil.test" && answer.status !== 403) wrong.push(`${what}: ${answer.status}: it is told to another site`);
      if (origin === "http://evil.test" && answer.headers.get("access-control-allow-origin")) wrong.push(`${what}: another site may read it`);
      if (/root:|\[package\]/.test(text)) wrong.push(`${what}: a file of this machine`);
      if (/version|protocol/.test(text) && who !== "the owner" && !open && !text.includes("message")) wrong.push(`${what}: says what runs here`);
    }
  }
}

// A browser that has it already is told that it is still good: what it is told then takes the place of what it knew.
for (const path of ["/", "/page/main.js"]) {
  const first = await fetch(daemon.url + path);
  const again = await fetch(daemon.url + path, { headers: { "if-none-match": first.headers.get("etag") ?? "" } });
  look(again, `${path} again`);
  if (again.status !== 304) wrong.push(`${path} again: ${again.status}`);
  const [then, now] = [first, again].map((answer) => answer.headers.get("content-security-policy"));
  if (then !== now) wrong.push(`${path} again: its policy becomes \`${now}\``);
}

// A browser asks before it does what is not simple. Another site is told nothing that would let it; and nobody is let
// send cookies.
for (const path of ["/rpc", "/v1/blobs", `/v1/blobs/${source}`, `/v1/artifacts/${artifact.id}/picture`, "/", "/metrics", "/nothing"]) {
  for (const [origin, allowed] of /** @type {[string, boolean][]} */ ([
    ["http://evil.test", false],
    ["https://evil.test:443", false],
    ["http://localhost.evil.test", false],
    ["http://127.0.0.1.evil.test:80", false],
    ["http://evil.test#127.0.0.1", false],
    ["https://www.figma.com.evil.test", false],
    ["http://www.figma.com", false],
    ["file://", false],
    ["chrome-extension://abcdefghijklmnop", false],
    ["null", true],
    ["https://www.figma.com", true],
    [`http://127.0.0.1:${daemon.port}`, true],
  ])) {
    const headers = { origin, "access-control-request-method": "PUT", "access-control-request-headers": "authorization, content-type", "access-control-request-private-network": "true" };
    const answer = await fetch(daemon.url + path, { method: "OPTIONS", headers });
    look(answer, `${path} asked by ${origin}`);
    const said = [...answer.headers.keys()].filter((name) => name.startsWith("access-control-"));
    if (!allowed && (answer.status !== 403 || said.length > 0)) wrong.push(`${path} asked by ${origin}: ${answer.status} ${said}`);
    if (allowed && answer.headers.get("access-control-allow-origin") !== origin) wrong.push(`${path} asked by ${origin}: not allowed`);
    if (allowed && !/\borigin\b/i.test(answer.headers.get("vary") ?? "")) wrong.push(`${path} asked by ${origin}: its answer is good for others too`);
  }
}

// The page itself: nothing but its own scripts and styles, no markup out of text, and no window that others hold.
const policy = Object.fromEntries(
  ((await fetch(daemon.url)).headers.get("content-security-policy") ?? "").split(";").map((rule) => rule.trim().split(/ (.*)/).slice(0, 2)),
);
const WANTED = {
  "default-src": "'none'",
  "script-src": "'self'",
  "style-src": "'self'",
  "img-src": "'self' blob:",
  "base-uri": "'none'",
  "form-action": "'none'",
  "frame-ancestors": "'none'",
  "require-trusted-types-for": "'script'",
};
for (const [rule, value] of Object.entries(WANTED)) if (policy[rule] !== value) wrong.push(`the page's policy: ${rule} ${policy[rule]}`);
if (!/^'self'( ws:)?$/.test(policy["connect-src"] ?? "")) wrong.push(`the page's policy: connect-src ${policy["connect-src"]}`);
if ((await fetch(daemon.url)).headers.get("cross-origin-opener-policy") !== "same-origin") wrong.push("whoever opens the page keeps hold of it");

// A picture as a file: its name is one name, whatever its title says, and it is saved rather than shown.
const file = await daemon.fetch(`/v1/artifacts/${artifact.id}/picture?format=png`);
const disposition = file.headers.get("content-disposition") ?? "";
check(file.status === 200, `the picture is not given: ${file.status} ${await file.clone().text()}`);
if (!/^attachment\b/.test(disposition)) wrong.push(`a picture is shown in place: ${disposition}`);
// A name with a character that turns it round would show another end than it has.
if (/%E2%80%A[A-E]|%E2%81%A[6-9]|%0[0-9A-F]|%2F|%5C/i.test(disposition)) wrong.push(`its name is turned round, or a path: ${disposition}`);
if (/[\r\n<>\u202e]/.test(disposition) || /\.html\b/.test(disposition.replaceAll(/%[0-9A-F]{2}/g, "")) || file.headers.has("set-cookie")) wrong.push(`its name is more than a name: ${disposition}`);
const name = /filename="((?:[^"\\]|\\.)*)"/.exec(disposition)?.[1] ?? /filename\*?=(?:UTF-8'')?([^;]*)/.exec(disposition)?.[1] ?? "";
if (!/\.png$/.test(name)) wrong.push(`its name has another end: ${disposition}`);

check(wrong.length === 0, `${wrong.length} answers are wrong:\n${wrong.join("\n")}`);
await daemon.kill();
