/** Pairing by a code: the token lies in Figma's storage on this computer and nowhere else; a token that is not good any more leads back to the code. */
import { check } from "../lib/browser.mjs";
import { Daemon } from "../lib/daemon.mjs";
import { openHost } from "./host/host.mjs";

const daemon = await Daemon.start();
const figma = await openHost(daemon, { paired: false });
const photo = await figma.image("tests/data/coffee.png", { name: "Coffee" });
await figma.select(photo);
await figma.host("start");
const code = figma.ui.getByLabel("Code");
await code.waitFor();
check(await code.evaluate((field) => field === document.activeElement), "one can type at once");
const problem = figma.ui.locator("#pair-problem");

// Too short, wrong, and right: pasted as `easel pair` shows it.
await code.fill("1234");
await code.press("Enter");
await problem.filter({ hasText: "eight digits" }).waitFor();
await code.fill("0000 0000");
await figma.ui.getByRole("button", { name: "Pair" }).click();
await problem.filter({ hasText: /code/i }).filter({ hasNotText: "eight digits" }).waitFor();
check((await figma.storage()).token === undefined, "a wrong code gives no token");
const digits = await daemon.code();
await code.fill(`${digits.slice(0, 4)} ${digits.slice(4)}`);
await code.press("Enter");
await figma.ui.locator(".model").first().waitFor();

const { token } = await figma.storage();
check(typeof token === "string" && token.length > 20, "the token is kept");
check(token !== daemon.token, "it is a token of its own");
await figma.only("Invert");
await figma.go();
await figma.made(1);

// Nowhere else: not in the document, which others open; not in the browser's storages; not in any address.
check(!(await figma.host("documentData")).includes(token), "the document does not hold the token");
const frames = figma.page.frames();
const kept = await Promise.all(
  frames.map((frame) =>
    frame.evaluate(() => {
      const read = (/** @type {() => string} */ of) => {
        try {
          return of();
        } catch {
          return "";
        }
      };
      const stored = [read(() => JSON.stringify({ ...localStorage })), read(() => JSON.stringify({ ...sessionStorage })), read(() => document.cookie)];
      return [...stored, location.href, document.documentElement.outerHTML].join("\n");
    }),
  ),
);
check(frames.length === 2 && kept.every((text) => !text.includes(token)), "no page holds the token");
check(kept.every((text) => text.startsWith("{}\n{}\n\n") || text.startsWith("\n\n\n")), "and no browser storage is used at all");
const stored = await figma.storage();
check(Object.keys(stored).sort().join() === "begun,settings,token", `what is kept: ${Object.keys(stored)}`);
check(!JSON.stringify([stored.settings, stored.begun]).includes(token), "and it is kept once");

// Paired clients may run models and nothing beyond: the daemon says so, not the plugin.
const refused = await fetch(`${daemon.url}/rpc`, {
  method: "POST",
  headers: { "content-type": "application/json", authorization: `Bearer ${token}` },
  body: JSON.stringify({ jsonrpc: "2.0", id: 1, method: "pairing.start", params: {} }),
});
check((await refused.json()).error !== undefined, "a paired plugin lets nobody else in");

// Started again, it is let in; with a token that is no good, it asks for a code and says why.
await figma.start();
await figma.keep("token", "not-a-token-any-more");
await figma.host("start");
await problem.filter({ hasText: "does not know this plugin any more" }).waitFor();
const second = await daemon.code();
await code.fill(second);
await figma.ui.getByRole("button", { name: "Pair" }).click();
await figma.ui.locator(".model").first().waitFor();

// Unpaired, by the panel and by the menu, nothing of it stays.
await figma.ui.locator(".settings summary").click();
await figma.ui.getByRole("button", { name: "Unpair" }).click();
await code.waitFor();
check((await figma.storage()).token === undefined, "an unpaired plugin keeps no token");
await figma.keep("token", token);
await figma.host("start", "unpair");
await code.waitFor();
check((await figma.storage()).token === undefined, "nor does one that was unpaired by the menu");
await figma.end();
