/**
 * Another page opens a WebSocket to the daemon: a browser lets every page try that, and asks nobody first. None opens
 * without a token, and from another site none opens with one either. The page's own opens, with its token beside it.
 */
import { check, pairedPage } from "../lib/browser.mjs";
import { Daemon } from "../lib/daemon.mjs";
import { Hostile, Naive, enter, everything, launchForAttack, victim } from "../lib/hostile.mjs";

/** @import { Attack } from "../lib/attacker.mjs" */
/** @import { Frame, Page } from "playwright-core" */

const daemon = await Daemon.start();
const [hostile, naive] = [await Hostile.start(), await Naive.start()];
const browser = await launchForAttack();
const { attack } = /** @type {{ attack: Attack }} */ (/** @type {unknown} */ (globalThis));

/** @param {Frame | Page} where @param {string} url @param {string[]} protocols */
const open = (where, url, protocols) =>
  where.evaluate(([url, ...protocols]) => attack.socket(url ?? "", protocols), [url.replace("http", "ws"), ...protocols]);

// The page's own token, and that its own socket works with it, under the page's own policy.
const { context: own, page } = await pairedPage(browser, daemon);
const token = await page.evaluate(() => JSON.parse(localStorage.getItem("easel.token") ?? '""'));
const mine = await page.evaluate(
  (token) =>
    new Promise((resolve) => {
      const socket = new WebSocket(`ws://${location.host}/rpc`, ["easel", `easel.token.${token}`]);
      socket.onopen = () => socket.send(JSON.stringify({ jsonrpc: "2.0", id: 1, method: "server.info", params: {} }));
      socket.onmessage = ({ data }) => {
        socket.close();
        resolve({ protocol: socket.protocol, pid: JSON.parse(data).result?.pid });
      };
      socket.onerror = () => resolve({ protocol: "none" });
    }),
  token,
);
const { pid } = await daemon.call("server.info");
check(mine.protocol === "easel" && mine.pid === pid, `the page's own socket: ${JSON.stringify(mine)}`);
await own.close();

const before = await everything(daemon);
const zeros = "0".repeat(64);
/** What somebody may offer who has no token, and where; few, since browsers slow those down who fail. @type {[string, string[], string?][]} */
const GUESSES = [
  ["nothing", []],
  ["nothing at a blob", [], `/v1/blobs/${zeros}/preview`],
  ["a token in the address", ["easel"], `/rpc?token=${zeros}`],
  ["the protocol alone", ["easel"]],
  ["a guessed token", ["easel", `easel.token.${zeros}`]],
  ["an empty token", ["easel", "easel.token."]],
  ["a token without its protocol", [`easel.token.${zeros}`]],
  ["many tokens", ["easel", ...[...Array(16).keys()].map((digit) => `easel.token.${digit.toString(16).repeat(64)}`)]],
  ["half of the token", ["easel", `easel.token.${token.slice(0, 32)}`]],
  ["the token as a protocol of another name", ["easel", token]],
];
for (const [from, address] of hostile.places) {
  const context = await victim(browser);
  const tab = await context.newPage();
  const frame = await enter(tab, address);
  for (const [offered, protocols, path = "/rpc"] of GUESSES) {
    const given = await open(frame, naive.url + path, protocols);
    check(given.opened && given.heard.length === 1, `${offered} from ${from}: opens nowhere, so it proves nothing`);
    const got = await open(frame, daemon.url + path, protocols);
    check(!got.opened && got.heard.length === 0, `${offered} from ${from}: ${JSON.stringify(got)}`);
  }
  // A name of the attacker's that leads to this machine.
  const renamed = await open(frame, `http://rebind.test:${daemon.port}/rpc`, ["easel", `easel.token.${token}`]);
  check(!renamed.opened, `by another name from ${from}: opens even with the token`);
  // Who has the token is let in, but from another site: where it came from is a second gate.
  const stolen = await open(frame, `${daemon.url}/rpc`, ["easel", `easel.token.${token}`]);
  check(stolen.opened === (from !== "another site"), `with a stolen token from ${from}: ${JSON.stringify(stolen)}`);
  if (stolen.opened) check(stolen.protocol === "easel", `with a token from ${from}, the daemon chose ${stolen.protocol}`);
  await context.close();
}
check((await everything(daemon)) === before, "something changed");
await browser.close();
await daemon.kill();
