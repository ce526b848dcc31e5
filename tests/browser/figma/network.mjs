/** What Chrome lets a page from the internet reach: allowed, denied, never asked; what the plugin says then, and that the ways around work. */
import { check } from "../lib/browser.mjs";
import { Daemon } from "../lib/daemon.mjs";
import { openHost } from "./host/host.mjs";

/** @import { Figma, Wishes } from "./host/host.mjs" */

const daemon = await Daemon.start();
const DELEGATED = "loopback-network; local-network-access";

/** @param {Wishes} wishes @param {(figma: Figma) => Promise<void>} see */
async function when(wishes, see) {
  const figma = await openHost(daemon, wishes);
  const photo = await figma.image("tests/data/coffee.png", { name: "Coffee" });
  await figma.select(photo);
  await see(figma);
  const missing = await figma.page.evaluate(() => /** @type {any} */ (globalThis).host.missing);
  check(!missing.length, `the sandbox has no ${missing.join(", ")}`);
  // The browser says in its console that it blocks, which is what this is about.
  const others = figma.problems.filter((text) => !/blocked by CORS policy|loopback|Content Security Policy/.test(text));
  check(!others.length, others.join("\n"));
  await figma.browser.close();
}

/** A whole transform by the way that was found. @param {Figma} figma */
async function works(figma) {
  await figma.ui.locator(".model").first().waitFor();
  await figma.only("Invert");
  await figma.go();
  const [made] = await figma.made(1);
  const pixels = await figma.pixels(made.id, 600);
  const [red = 0] = pixels.data;
  const source = await figma.pixels((await figma.host("all"))[0].id, 600);
  check(red === 255 - Number(source.data[0]), "its pixels are those that the model made");
}

const sandboxed = (/** @type {Figma} */ figma) => figma.page.evaluate(() => /** @type {any} */ (globalThis).host.requests.sandbox);
const detour = (/** @type {Figma} */ figma) => figma.ui.locator(".note summary", { hasText: "The browser blocks the direct way" });

// A page of this computer, as the desktop app may be one: nothing stands between.
await when({}, async (figma) => {
  await figma.host("start");
  await works(figma);
  check((await sandboxed(figma)) === 0, "the frame reaches the daemon itself");
  check((await detour(figma).count()) === 0, "and nothing is said about it");
});

// A page from the internet that the person allowed.
await when({ isPublic: true, permission: "granted", allow: DELEGATED, route: "refused" }, async (figma) => {
  await figma.host("start");
  await works(figma);
  check((await sandboxed(figma)) === 0, "allowed, the frame reaches the daemon itself");
});

// Denied, or never asked for: nothing of the frame arrives, and the sandbox's own `fetch` carries everything.
for (const wishes of [{ permission: /** @type {const} */ ("denied"), allow: DELEGATED }, { allow: DELEGATED }, {}]) {
  await when({ ...wishes, isPublic: true, route: "outside" }, async (figma) => {
    await figma.host("start");
    await works(figma);
    check((await sandboxed(figma)) > 5, "the sandbox makes the requests");
    await detour(figma).click();
    await figma.ui.locator(".note li", { hasText: "Click the icon left of the address" }).waitFor();
    await figma.ui.locator(".note li", { hasText: "Apps on device" }).waitFor();
    check((await figma.ui.locator(".note li").count()) === 2, "two clicks");
  });
}

// Neither gets through: both causes are named, the browser first, with the two clicks and the page's way.
await when({ isPublic: true, permission: "denied", allow: DELEGATED, route: "page" }, async (figma) => {
  await figma.host("start");
  const away = figma.ui.locator(".away");
  await away.waitFor();
  const causes = await away.locator(".cause h2").allTextContents();
  check(String(causes) === "The browser blocks it,It is not running", `it says: ${causes}`);
  await away.locator("li", { hasText: "Click the icon left of the address" }).waitFor();
  await away.locator("li", { hasText: "Apps on device" }).waitFor();
  await away.locator("code", { hasText: "easel serve" }).waitFor();
  await away.getByText("press Copy, and paste it into Figma").waitFor();
  await away.getByRole("button", { name: "Open Easel's page" }).click();
  await figma.page.waitForFunction(() => /** @type {any} */ (globalThis).host.opened.length === 1);
  check((await figma.page.evaluate(() => /** @type {any} */ (globalThis).host.opened[0])) === `http://localhost:${daemon.port}/`, "it opens Easel's page");
  await figma.shoot("blocked-light");
});
// The plugin's manifest names another port than the one that is asked for: that is said, and nothing else.
await when({ domains: "manifest", route: "refused" }, async (figma) => {
  await figma.host("start");
  await figma.ui.locator(".away h1", { hasText: "Figma blocks this port" }).waitFor();
  await figma.ui.locator(".away code", { hasText: `http://localhost:${daemon.port}` }).waitFor();
  check((await figma.ui.locator(".cause h2").count()) === 0, "neither the browser nor the daemon is blamed");
});

// A daemon that is not running is found as soon as it is.
await when({ route: "page" }, async (figma) => {
  await daemon.kill();
  await figma.host("start");
  const away = figma.ui.locator(".away");
  await away.locator("h1", { hasText: "Easel does not answer" }).waitFor();
  check(String(await away.locator(".cause h2").allTextContents()) === "It is not running,The browser blocks it", "the likelier cause comes first");
  await figma.shoot("away");
  await daemon.startAgain();
  await figma.ui.locator(".model").first().waitFor();
});

// Allowed, and still no answer: the browser is not blamed for what it allows.
await when({ isPublic: true, permission: "granted", allow: DELEGATED, route: "page" }, async (figma) => {
  await daemon.kill();
  await figma.host("start");
  await figma.ui.locator(".away").waitFor();
  check(String(await figma.ui.locator(".cause h2").allTextContents()) === "It is not running", "it is not running, and that is all");
  await daemon.startAgain();
  await figma.ui.locator(".model").first().waitFor();
});

// Another port is kept, and tried at once.
await when({}, async (figma) => {
  await figma.keep("settings", { port: 1 });
  await figma.host("start");
  const port = figma.ui.locator(".away").getByLabel("Port");
  await port.fill(String(daemon.port));
  await port.press("Enter");
  await figma.ui.locator(".model").first().waitFor();
  check((await figma.storage()).settings.port === daemon.port, "the port is kept");
});
await daemon.kill();
