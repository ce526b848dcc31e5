/** The simulated Figma from the side of a test: serves it, opens it in Chromium, and is the person in front of it. */
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";
import { build } from "esbuild";
import { OUT, check, freshPage, launch } from "../../lib/browser.mjs";
import { ROOT } from "../../lib/daemon.mjs";

const HERE = join(ROOT, "tests/browser/figma/host");
const PLUGIN = join(ROOT, "integrations/figma");
const TYPES = /** @type {Record<string, string>} */ ({ ".html": "text/html", ".js": "text/javascript", ".json": "application/json" });

/** Serves the host and the plugin's own files, as they are in the repository. */
export async function serveHost() {
  const made = await build({ entryPoints: [join(HERE, "main.ts")], bundle: true, write: false, format: "esm", target: "es2022", logLevel: "warning" });
  const script = made.outputFiles[0]?.text ?? "";
  const server = createServer((request, response) => {
    const path = new URL(request.url ?? "/", "http://localhost").pathname;
    try {
      const body = path === "/" ? readFileSync(join(HERE, "index.html")) : path === "/host.js" ? script : readFileSync(join(PLUGIN, normalize(path.replace(/^\/plugin/, ""))));
      response.writeHead(200, { "content-type": TYPES[path === "/" ? ".html" : extname(path)] ?? "application/octet-stream", "cache-control": "no-store" });
      response.end(body);
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(undefined)));
  server.unref();
  const address = /** @type {import("node:net").AddressInfo} */ (server.address());
  return { port: address.port, url: `http://127.0.0.1:${address.port}` };
}

/**
 * How the host is to be. `isPublic`: to the browser it is a page from the internet. `route`: how the sandbox's own
 * `fetch` goes. `permission`: what the browser was told about such pages.
 * @typedef {object} Wishes
 * @property {boolean} [isPublic]
 * @property {"page" | "outside" | "refused"} [route]
 * @property {"granted" | "denied"} [permission]
 * @property {string} [allow] the frame's own permissions
 * @property {"light" | "dark"} [theme]
 * @property {boolean} [upright] exports show turned nodes as if they stood upright
 * @property {"manifest"} [domains] the policy names the manifest's port, and not the daemon's
 * @property {boolean} [paired] with a token at hand
 * @property {{ width: number, height: number }} [viewport]
 */

/** Opens the host in a browser of its own. @param {import("../../lib/daemon.mjs").Daemon} daemon @param {Wishes} [wishes] */
export async function openHost(daemon, wishes = {}) {
  const { isPublic = false, route = "page", permission, allow = "", theme = "light", upright = false, domains, paired = true, viewport } = wishes;
  const server = await serveHost();
  const browser = await launch({ args: isPublic ? [`--ip-address-space-overrides=127.0.0.1:${server.port}=public`] : [] });
  const { page, problems } = await freshPage(browser, viewport ? { viewport } : {});
  // A browser that keeps a page from the daemon says so in its console, which is what such a test is about.
  if (permission) await permit(browser, page, permission, server.url);
  await page.exposeFunction("carry", carry);
  const query = new URLSearchParams({ daemon: String(daemon.port), route, theme, allow, ...(upright ? { upright: "1" } : {}), ...(domains ? { domains } : {}) });
  await page.goto(`${server.url}/?${query}`);
  await page.waitForFunction(() => "host" in globalThis);
  const figma = new Figma(daemon, browser, page, problems);
  await figma.keep("settings", { port: daemon.port });
  if (paired) await figma.keep("token", await tokenOf(daemon));
  // A test that ends early leaves what was to be seen then.
  process.on("uncaughtExceptionMonitor", () => console.error(problems.join("\n")));
  return figma;
}

/** A token as pairing gives it. @param {import("../../lib/daemon.mjs").Daemon} daemon @returns {Promise<string>} */
export async function tokenOf(daemon) {
  return (await daemon.call("pairing.finish", { code: await daemon.code(), client: "figma" })).token;
}

/** The person, and what they see. */
export class Figma {
  /** @param {import("../../lib/daemon.mjs").Daemon} daemon @param {import("playwright-core").Browser} browser @param {import("playwright-core").Page} page @param {string[]} problems */
  constructor(daemon, browser, page, problems) {
    this.daemon = daemon;
    this.browser = browser;
    this.page = page;
    this.problems = problems;
  }

  /** The plugin's window. */
  get ui() {
    return this.page.frameLocator("#plugin iframe");
  }

  /** Calls a function of the host by its name. @param {string} name @param {...unknown} given @returns {Promise<any>} */
  host(name, ...given) {
    return this.page.evaluate(([name, given]) => /** @type {any} */ (globalThis).host[name](...given), /** @type {const} */ ([name, given]));
  }

  /** What a node looks like, so many pixels wide. @param {string} id @param {number} width */
  async pixels(id, width) {
    return decoded(await this.host("pixels", id, width));
  }

  /** What is seen of a rectangle of the page. @param {{ x: number, y: number, width: number, height: number }} box @param {number} [scale] pixels a unit */
  async seen({ x, y, width, height }, scale = 1) {
    return decoded(await this.host("seen", x, y, width, height, scale));
  }

  /** What Figma keeps for the plugin on this computer. @returns {Promise<Record<string, any>>} */
  storage() {
    return this.page.evaluate(() => Object.fromEntries(/** @type {any} */ (globalThis).host.storage));
  }

  /** @param {string} name @param {unknown} value */
  keep(name, value) {
    return this.page.evaluate(([name, value]) => void /** @type {any} */ (globalThis).host.storage.set(name, value), /** @type {const} */ ([name, value]));
  }

  /** A picture of the repository in the document. @param {string} path @param {Record<string, unknown>} [state] @returns {Promise<string>} */
  image(path, state = {}) {
    return this.host("image", [...readFileSync(join(ROOT, path))], state);
  }

  /** @param {string} kind @param {Record<string, unknown>} [state] @param {string} [parent] @returns {Promise<string>} */
  node(kind, state = {}, parent) {
    return this.host("node", kind, state, parent);
  }

  /** Starts the plugin and waits until its panel lists models. @param {string} [command] */
  async start(command = "open") {
    await this.host("start", command);
    await this.ui.locator(".model").first().waitFor();
  }

  /** @param {...string} ids */
  select(...ids) {
    return this.host("select", ...ids);
  }

  /** Takes one model alone. @param {string} label */
  async only(label) {
    await this.ui.locator(".model .only", { has: this.page.locator(`b:text-is("${label}")`) }).click();
    await this.ui.locator(".model.ticked", { has: this.page.locator(`b:text-is("${label}")`) }).waitFor();
  }

  /** Presses the one button as soon as it can be. */
  async go() {
    await this.ui.locator("button.go:enabled").click();
  }

  /** Waits until so many layers of Easel's are in the document. @param {number} count @returns {Promise<any[]>} */
  async made(count) {
    try {
      await this.page.waitForFunction((count) => /** @type {any} */ (globalThis).host.made().length >= count, count);
    } catch (error) {
      await this.shoot("missing");
      throw new Error(`no ${count} layers came; the panel says: ${await this.status()}\n${this.problems.join("\n")}`, { cause: error });
    }
    return this.host("made");
  }

  /** What is said below the button. */
  async status() {
    return (await this.ui.locator(".action > p[role=status]").textContent()) ?? "";
  }

  /** @param {string} name */
  async shoot(name) {
    await this.page.screenshot({ path: join(OUT, `figma-${name}.png`) });
  }

  /** Ends the test: nothing may have gone wrong inside, and nothing was reached for that Figma does not have. */
  async end() {
    const missing = await this.page.evaluate(() => /** @type {any} */ (globalThis).host.missing);
    await this.browser.close();
    await this.daemon.kill();
    check(!missing.length, `the sandbox has no ${missing.join(", ")}`);
    check(!this.problems.length, `something went wrong inside:\n${this.problems.join("\n")}`);
  }
}

/** @param {{ width: number, height: number, data: string }} pixels */
function decoded({ width, height, data }) {
  return { width, height, data: Buffer.from(data, "base64") };
}

/** Carries a request out as something outside the browser. @param {{ url: string, method: string, headers: Record<string, string>, body: string | null }} asked */
async function carry({ url, method, headers, body }) {
  const response = await fetch(url, { method, headers: { ...headers, origin: "null" }, ...(body === null ? {} : { body: Buffer.from(body, "base64") }) });
  return { status: response.status, headers: Object.fromEntries(response.headers), body: Buffer.from(await response.arrayBuffer()).toString("base64") };
}

/** Answers the browser's question for a person. @param {import("playwright-core").Browser} browser @param {import("playwright-core").Page} page @param {"granted" | "denied"} setting @param {string} origin */
async function permit(browser, page, setting, origin) {
  const own = await page.context().newCDPSession(page);
  const { targetInfo } = await own.send("Target.getTargetInfo");
  const whole = await browser.newBrowserCDPSession();
  for (const name of ["loopback-network", "local-network-access", "local-network"]) {
    const { browserContextId } = targetInfo;
    await whole.send("Browser.setPermission", { permission: { name }, setting, origin, ...(browserContextId ? { browserContextId } : {}) });
  }
}

/** Whether two numbers are the same but for what sums of fractions leave. @param {number} one @param {number} other */
export function near(one, other) {
  return Math.abs(one - other) < 1e-3;
}
