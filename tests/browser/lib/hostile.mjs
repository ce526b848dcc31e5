/**
 * Somebody else's web: a server with pages that attack, and a naive stand-in for the daemon that believes whoever
 * reaches it. Every attack is tried on both: one that does not get into the naive one would prove nothing about the
 * daemon.
 */
import { createHash } from "node:crypto";
import { once } from "node:events";
import { readdirSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { arm } from "./attacker.mjs";
import { launch } from "./browser.mjs";

/** @typedef {import("playwright-core").Frame} Frame */
/** @typedef {import("playwright-core").Page} Page */
/** @typedef {import("node:http").IncomingMessage} Incoming */
/** @typedef {import("node:http").ServerResponse} Answer */

/** Chromium for an attacker: names of theirs lead to this machine, and nothing but the daemon's own gate is in the way. */
export function launchForAttack() {
  return launch({
    args: [
      "--host-resolver-rules=MAP evil.test 127.0.0.1, MAP rebind.test 127.0.0.1",
      // Newer browsers ask a person before a page may reach this machine. Older ones do not, and neither may we rely on it.
      "--disable-features=LocalNetworkAccessChecks",
    ],
  });
}

/** A browser of somebody who is patient with a slow machine. @param {import("playwright-core").Browser} browser */
export async function victim(browser) {
  const context = await browser.newContext();
  context.setDefaultTimeout(60_000);
  return context;
}

/** A server on this machine, on a port of its own. */
class Server {
  port = 0;
  #server = createServer((request, answer) => this.respond(request, answer));

  async listen() {
    this.#server.on("upgrade", (request, socket) => this.upgrade(request, /** @type {import("node:net").Socket} */ (socket)));
    this.#server.listen(0, "127.0.0.1");
    await once(this.#server, "listening");
    this.port = /** @type {import("node:net").AddressInfo} */ (this.#server.address()).port;
    this.#server.unref();
    return this;
  }

  /** An address of it. @param {string} host @param {string} [path] */
  at(host, path = "/") {
    return `http://${host}:${this.port}${path}`;
  }

  /** @param {Incoming} _request @param {Answer} answer */
  respond(_request, answer) {
    answer.writeHead(404).end();
  }

  /** @param {Incoming} _request @param {import("node:net").Socket} socket */
  upgrade(_request, socket) {
    socket.destroy();
  }
}

/** The attacker's pages. `page` holds the attacker's tools, `frame` holds `page` without an origin. */
export class Hostile extends Server {
  /** What pages and browsers told it, with their headers. @type {{ path: string, headers: import("node:http").IncomingHttpHeaders }[]} */
  told = [];
  /** Pages of a test's own. @type {Map<string, string>} */
  pages = new Map();

  static async start() {
    return /** @type {Promise<Hostile>} */ (new Hostile().listen());
  }

  /** @override @param {Incoming} request @param {Answer} answer */
  respond(request, answer) {
    const path = request.url ?? "/";
    this.told.push({ path, headers: request.headers });
    const { pathname, searchParams } = new URL(path, "http://evil.test");
    const to = searchParams.get("to") ?? "";
    /** @param {string} body @param {Record<string, string>} [headers] */
    const html = (body, headers = {}) => answer.writeHead(200, { "content-type": "text/html", ...headers }).end(`<!doctype html><meta charset=utf-8>${body}`);
    if (pathname === "/page") html(`<title>page</title><body><script>(${arm})()</script>`);
    else if (pathname === "/frame") html(`<title>frame</title><iframe sandbox="allow-scripts allow-forms allow-popups" src="/page"></iframe>`);
    else if (pathname === "/redirect") answer.writeHead(307, { location: to, "access-control-allow-origin": "*" }).end();
    else if (pathname === "/report") html(`<title>report</title><img src="/refused">`, { "content-security-policy": `img-src 'none'; report-uri ${to}` });
    else if (this.pages.has(pathname)) html(this.pages.get(pathname) ?? "");
    else answer.writeHead(204).end();
  }

  /** The places from which somebody may try, each with its address. @returns {[string, string][]} */
  get places() {
    return [
      ["another site", this.at("evil.test", "/page")],
      ["a frame without an origin", this.at("evil.test", "/frame")],
      ["another port of this machine", this.at("127.0.0.1", "/page")],
      ["another port of this machine, by its name", this.at("localhost", "/page")],
    ];
  }
}

/** Goes where the attacker's tools are, and says in which frame. @param {Page} page @param {string} address @returns {Promise<Frame>} */
export async function enter(page, address) {
  await page.goto(address);
  let frame = page.mainFrame();
  if (new URL(address).pathname === "/frame") {
    const found = await (await page.waitForSelector("iframe")).contentFrame();
    if (!found) throw new Error("the frame has no page");
    frame = found;
  }
  await frame.waitForFunction(() => "attack" in globalThis);
  return frame;
}

/** A picture of 2×2 and a sound of no length: what the naive daemon gives away. */
const PNG = Buffer.from("iVBORw0KGgoAAAANSUhEUgAAAAIAAAACCAIAAAD91JpzAAAAEElEQVR42mM4ESACRAwQCgAjrgSxErjLKgAAAABJRU5ErkJggg==", "base64");
const WAV = Buffer.concat([
  Buffer.from("RIFF"), Buffer.from([44, 1, 0, 0]), Buffer.from("WAVEfmt "), Buffer.from([16, 0, 0, 0, 1, 0, 1, 0, 64, 31, 0, 0, 64, 31, 0, 0, 1, 0, 8, 0]),
  Buffer.from("data"), Buffer.from([8, 1, 0, 0]), Buffer.alloc(264, 128),
]);

/** What each kind of element is glad to get. @type {Record<string, [string, Buffer | string]>} */
const GIFTS = {
  image: ["image/png", PNG],
  audio: ["audio/wav", WAV],
  video: ["audio/wav", WAV],
  script: ["text/javascript", "globalThis.stolen = true"],
  style: ["text/css", "body { color: red }"],
  document: ["text/html", "<title>Naive</title><button>Spend</button>"],
  iframe: ["text/html", "<title>Naive</title><button>Spend</button>"],
};

/** The daemon as somebody would write it who trusts what comes over loopback. */
export class Naive extends Server {
  /** Which attacks got in, by their names. @type {Set<string>} */
  got = new Set();

  static async start() {
    return /** @type {Promise<Naive>} */ (new Naive().listen());
  }

  get url() {
    return this.at("127.0.0.1", "");
  }

  /** @override @param {Incoming} request @param {Answer} answer */
  respond(request, answer) {
    /** @type {Buffer[]} */
    const parts = [];
    request.on("data", (part) => parts.push(part));
    request.on("end", () => {
      const everybody = {
        "access-control-allow-origin": request.headers.origin ?? "*",
        "access-control-allow-credentials": "true",
        "access-control-allow-headers": "authorization, content-type",
        "access-control-allow-methods": "GET, PUT, POST",
        "access-control-allow-private-network": "true",
        "cache-control": "private, max-age=31536000, immutable",
      };
      if (request.method === "OPTIONS") {
        answer.writeHead(204, everybody).end();
        return;
      }
      // What it keeps behind a token, it forgets to keep from other pages once a browser has it.
      if (request.url?.startsWith("/v1/guarded/") && !request.headers.authorization) {
        answer.writeHead(401, { "cache-control": "no-store" }).end();
        return;
      }
      const way = new URL(request.url ?? "/", this.url).searchParams.get("way") ?? this.#keyIn(`${Buffer.concat(parts)}`);
      if (way) this.got.add(way);
      const wanted = `${request.headers["sec-fetch-dest"] ?? "document"}`;
      const [type, body] = `${request.headers.accept}`.includes("event-stream")
        ? ["text/event-stream", "data: stolen\n\n"]
        : (GIFTS[wanted] ?? GIFTS[request.url?.startsWith("/v1/") ? "image" : "object"] ?? ["application/json", '{"result":"stolen"}']);
      answer.writeHead(200, { ...everybody, "content-type": type }).end(body);
    });
  }

  /** Takes a call out of whatever a form or a script made of it. @param {string} body */
  #keyIn(body) {
    let text = body;
    try {
      text = decodeURIComponent(body.replaceAll("+", " "));
    } catch {
      // It was none of a form.
    }
    try {
      return JSON.parse(text.slice(text.indexOf("{"), text.lastIndexOf("}") + 1)).params.key;
    } catch {
      return "";
    }
  }

  /** Lets any socket in and tells it something. @override @param {Incoming} request @param {import("node:net").Socket} socket */
  upgrade(request, socket) {
    const accept = createHash("sha1").update(`${request.headers["sec-websocket-key"]}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest("base64");
    const protocol = request.headers["sec-websocket-protocol"]?.split(",")[0];
    socket.on("error", () => {});
    // Whoever says anything is hung up on; it has been told enough by then.
    socket.on("data", () => socket.end());
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade\r\nsec-websocket-accept: ${accept}\r\n${protocol ? `sec-websocket-protocol: ${protocol}\r\n` : ""}\r\n`,
    );
    const text = Buffer.from('{"result":"stolen"}');
    socket.write(Buffer.concat([Buffer.from([0x81, text.length]), text]));
  }
}

/**
 * Everything that an attack could have changed, as one text: two of the same say that nothing happened.
 * @param {import("./daemon.mjs").Daemon} daemon
 */
export async function everything(daemon) {
  const { pid, last_event } = await daemon.call("server.info");
  const parts = [{ pid, last_event }];
  for (const method of ["transform.list", "reference.list", "folder.list", "recipe.list", "backend.list", "key.list", "spend.get"]) {
    parts.push(await daemon.call(method));
  }
  const uploads = /easel_uploads_total (\d+)/.exec(await (await daemon.fetch("/metrics")).text())?.[1];
  const files = readdirSync(join(daemon.data, "blobs"), { recursive: true }).length;
  return JSON.stringify([parts, uploads, files], (name, value) => (name === "since" || name === "last_minute" ? undefined : value), 1);
}

/**
 * Keeps what became of a browser's requests to a server, for whoever wants to know that an attack was refused and not
 * just lost. Where the daemon told the browser to keep its answer from the page, `kept` says so and the status is 0.
 * @param {import("playwright-core").BrowserContext} context @param {string} base
 */
export function answersTo(context, base) {
  /** @type {{ method: string, path: string, status: number, kept: boolean }[]} */
  const answers = [];
  /** @param {import("playwright-core").Request} request @param {number} status */
  const keep = (request, status) => {
    const url = new URL(request.url());
    const kept = request.failure()?.errorText === "net::ERR_BLOCKED_BY_RESPONSE";
    if (url.origin === base) answers.push({ method: request.method(), path: url.pathname + url.search, status, kept });
  };
  context.on("response", (response) => keep(response.request(), response.status()));
  context.on("requestfailed", (request) => keep(request, 0));
  return answers;
}

/** Waits for something that a person would see. @param {() => Promise<boolean> | boolean} ready @param {string} otherwise what is wrong where it never comes */
export async function until(ready, otherwise) {
  for (const end = Date.now() + 60_000; !(await ready()); ) {
    if (Date.now() > end) throw new Error(otherwise);
    await sleep(20);
  }
}
