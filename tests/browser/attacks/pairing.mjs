/**
 * Somebody steals a pairing code, plays it again, or guesses. A code works once, the newest alone, for five tries; from
 * another site not at all. What the page gets for it stays in the page: in no address, no referrer, no cookie, no cache,
 * and in no reach of a page on another port. (That a code ends after two minutes is tested beside `Access`, which is
 * given the time.)
 */
import { check, freshPage, pairedPage } from "../lib/browser.mjs";
import { Daemon } from "../lib/daemon.mjs";
import { Hostile, enter, everything, launchForAttack, until, victim } from "../lib/hostile.mjs";

/** @import { Attack, Sent } from "../lib/attacker.mjs" */
/** @import { Frame } from "playwright-core" */

const daemon = await Daemon.start();
const hostile = await Hostile.start();
const browser = await launchForAttack();
const { attack } = /** @type {{ attack: Attack }} */ (/** @type {unknown} */ (globalThis));

/** Tries a code from a page. @param {Frame} frame @param {string} code @param {RequestInit} [init] @returns {Promise<Sent>} */
const finish = (frame, code, init = { headers: { "content-type": "application/json" } }) =>
  frame.evaluate(
    ([url, code, init]) =>
      attack.send(`${url}/rpc`, {
        ...JSON.parse(init),
        method: "POST",
        body: JSON.stringify({ jsonrpc: "2.0", id: 1, method: "pairing.finish", params: { code, client: "thief" } }),
      }),
    /** @type {[string, string, string]} */ ([daemon.url, code, JSON.stringify(init)]),
  );
/** @param {Sent} sent */
const token = (sent) => ("text" in sent ? (/"token":"([0-9a-f]{64})"/.exec(sent.text)?.[1] ?? "") : "");
/** @param {string} token */
const works = async (token) => {
  const answer = await fetch(`${daemon.url}/v1/blobs/${"0".repeat(64)}/info`, { headers: { authorization: `Bearer ${token}` } });
  return answer.status === 404;
};
const wrong = (/** @type {string} */ code) => `${(Number(code) + 1) % 100_000_000}`.padStart(8, "0");

const context = await victim(browser);
const [theirs, nobodys] = [await context.newPage(), await context.newPage()];
const site = await enter(theirs, hostile.at("evil.test", "/page"));
const frame = await enter(nobodys, hostile.at("evil.test", "/frame"));

// Stolen and right, but from another site: in no form is it answered, and it is not used up either.
const stolen = await daemon.code();
const before = await everything(daemon);
const FORMS = {
  JSON: { headers: { "content-type": "application/json" } },
  "plain text": { headers: { "content-type": "text/plain" } },
  "without CORS": { mode: "no-cors" },
  "without CORS, with cookies": { mode: "no-cors", credentials: "include" },
};
for (const [form, init] of Object.entries(FORMS)) {
  const sent = await finish(site, stolen, /** @type {RequestInit} */ (init));
  check(token(sent) === "" && !("text" in sent && sent.text), `a stolen code as ${form}: ${JSON.stringify(sent)}`);
}
await site.evaluate(([url, code]) => {
  const call = `{"jsonrpc":"2.0","id":1,"method":"pairing.finish","params":{"code":"${code}","client":"@"}}`;
  const [name = "", value = ""] = call.split("@");
  return attack.form(`${url}/rpc`, "text/plain", [[name, value]]);
}, /** @type {[string, string]} */ ([daemon.url, stolen]));
// From a frame without an origin a form or plain text is no call of this wire.
for (const form of /** @type {const} */ (["plain text", "without CORS"])) {
  check(token(await finish(frame, stolen, /** @type {RequestInit} */ (FORMS[form]))) === "", `a stolen code as ${form} from a frame`);
}
check((await everything(daemon)) === before, "something changed");
const used = token(await finish(frame, stolen));
check(used !== "" && (await works(used)), "the code was used up by attempts that the gate refused");

// Played again, from anywhere.
for (const where of [frame, site]) check(token(await finish(where, stolen)) === "", "a code works twice");

// An older one after a newer one; the newer one still works.
const [older, newer] = [await daemon.code(), await daemon.code()];
check(token(await finish(frame, older)) === "", "a code works after a newer one was made");
check(await works(token(await finish(frame, newer))), "the newest code does not work");

// Five wrong tries end a code, and the sixth is too late with the right one. Four do not.
const patient = await daemon.code();
for (let tries = 0; tries < 4; tries += 1) check(token(await finish(frame, wrong(patient))) === "", "a guess works");
check(await works(token(await finish(frame, patient))), "a person who mistypes four times is locked out");
const guessed = await daemon.code();
for (let tries = 0; tries < 5; tries += 1) check(token(await finish(frame, wrong(guessed))) === "", "a guess works");
const late = await finish(frame, guessed);
check(token(late) === "" && "text" in late && late.text.includes("unauthorized"), `the sixth try works: ${JSON.stringify(late)}`);
// Many at the same moment are counted as well.
const raced = await daemon.code();
const many = await Promise.all([...Array(12).keys()].map((number) => finish(frame, number === 11 ? raced : wrong(raced))));
check(many.slice(0, 11).every((sent) => token(sent) === ""), "a guess works in a crowd");
for (const nothing of ["", " ", "00000000", "null", "0", raced.slice(0, 7), `${raced}0`]) check(token(await finish(frame, nothing)) === "", `the code \`${nothing}\` works`);
await context.close();

// The page, let in by the code that `easel open` puts behind `#`.
const { context: own, page } = await freshPage(browser);
hostile.pages.set("/before", "<title>Before</title>");
await page.goto(hostile.at("evil.test", "/before"));
/** @type {{ url: string, referer: string, body: string }[]} */
const requests = [];
page.on("request", async (request) => {
  // What is still on its way when the page is closed has no headers left to ask for.
  const headers = await request.allHeaders().catch(() => request.headers());
  requests.push({ url: request.url().split("#")[0] ?? "", referer: headers.referer ?? "", body: request.postData() ?? "" });
});
const code = await daemon.code();
await page.goto(`${daemon.url}/#pair=${code}`);
await page.waitForFunction(() => localStorage.getItem("easel.token"));
check(!page.url().includes(code), `the code stays in the address: ${page.url()}`);
const session = await own.newCDPSession(page);
const { entries } = await session.send("Page.getNavigationHistory");
check(entries.length >= 2 && !JSON.stringify(entries.map(({ url }) => url)).includes(code), `the code stays in the history: ${JSON.stringify(entries)}`);
const sent = requests.filter(({ body }) => body.includes(code));
check(sent.length === 1, `the code was sent ${sent.length} times`);
const spoken = requests.filter(({ url, referer }) => url.includes(code) || referer.includes(code));
check(requests.length > 3 && spoken.length === 0, `the code was named in ${JSON.stringify(spoken)}`);
// Where somebody goes from the page, nobody is told where they came from.
await page.evaluate((url) => {
  const link = document.createElement("a");
  link.href = url;
  document.body.append(link);
  link.click();
}, hostile.at("evil.test", "/after"));
await until(() => hostile.told.some(({ path }) => path === "/after"), "the link leads nowhere");
const visit = hostile.told.find(({ path }) => path === "/after");
check(visit?.headers.referer === undefined && visit?.headers.origin === undefined, `a link tells where it was: ${JSON.stringify(visit?.headers)}`);
// And back: the code is not asked for again, and not played again.
await page.goto(`${daemon.url}/`);
await page.waitForFunction(() => !document.querySelector("form.pair") && document.querySelector("#view")?.childElementCount);
check(requests.filter(({ body }) => body.includes(code)).length === 1, "the code was sent again");
await own.close();

// A used code behind `#`, in a browser that was never let in: it asks, and says why.
const { context: late2, page: second } = await freshPage(browser);
await second.goto(`${daemon.url}/#pair=${code}`);
await second.waitForSelector("form.pair");
await second.waitForFunction(() => document.querySelector("form.pair [role=alert]")?.textContent);
check((await second.evaluate(() => localStorage.getItem("easel.token"))) === null, "a used code lets somebody in");
check(!second.url().includes(code), "a used code stays in the address");
await late2.close();

// What the page keeps is kept from its neighbours on other ports, who share a name and so cookies and caches with it.
const { context: shared, page: owner } = await pairedPage(browser, daemon);
const kept = await owner.evaluate(() => JSON.parse(localStorage.getItem("easel.token") ?? '""'));
check(await works(kept), "the page has no token");
check((await shared.cookies()).length === 0 && (await owner.evaluate(() => document.cookie)) === "", "the page keeps something in cookies, which all ports share");
check(!(await owner.evaluate(() => document.documentElement.outerHTML)).includes(kept), "the token is written in the page");
check(!owner.url().includes(kept), "the token is in the address");
const spy = await shared.newPage();
for (const host of ["127.0.0.1", "localhost", "evil.test"]) {
  const frame = await enter(spy, hostile.at(host, "/page"));
  const found = await frame.evaluate(async (url) => {
    /** @type {string[]} */
    const found = [document.cookie, JSON.stringify({ ...localStorage }), JSON.stringify({ ...sessionStorage }), window.name];
    // Both need what the browser calls a secure context; a name of this machine is one.
    if (typeof caches === "object") found.push(JSON.stringify(await caches.keys()));
    if (typeof indexedDB.databases === "function") found.push(JSON.stringify(await indexedDB.databases()));
    for (const path of ["/", "/page/main.js", "/page/core/app.js"]) found.push(JSON.stringify(await attack.send(url + path, {})));
    const frame = document.createElement("iframe");
    frame.src = url;
    document.body.append(frame);
    await new Promise((resolve) => frame.addEventListener("load", resolve));
    try {
      found.push(`${/** @type {any} */ (frame.contentWindow).localStorage.getItem("easel.token")}`);
    } catch (error) {
      found.push(`${error}`);
    }
    return found;
  }, daemon.url);
  check(found.length > 6 && !found.join("\n").includes(kept), `a page on ${host} finds the token in ${JSON.stringify(found)}`);
}
// The same origin is where it can be read: a tab of the page itself.
const tab = await shared.newPage();
await tab.goto(`${daemon.url}/healthz`);
await tab.goto(daemon.url);
check((await tab.evaluate(() => localStorage.getItem("easel.token") ?? "")).includes(kept), "another tab of the page is not let in");
await browser.close();
await daemon.kill();
