/** A real daemon in a data folder of its own, started and killed as a person or a power cut would. */
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { appendFileSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";

/** The root of the repository. */
export const ROOT = fileURLToPath(new URL("../../..", import.meta.url));
const PROGRAM = process.env.EASEL_PROGRAM ?? join(ROOT, "target/debug/easel");

export class Daemon {
  /** @type {import("node:child_process").ChildProcess | undefined} */
  #child;

  /** @param {string} data @param {Record<string, string>} environment */
  constructor(data, environment) {
    this.data = data;
    this.environment = environment;
    this.port = 0;
    this.token = "";
  }

  /**
   * Starts one: in the folder that the test prepared, or in an empty one.
   * @param {{ environment?: Record<string, string> }} [options]
   */
  static async start({ environment = {} } = {}) {
    const own = process.env.EASEL_DATA_DIR;
    const data = own ?? mkdtempSync(join(tmpdir(), "easel-browser-"));
    const daemon = new Daemon(data, { EASEL_WEIGHTS_DIR: process.env.EASEL_WEIGHTS_DIR ?? join(ROOT, "weights"), ...environment });
    if (!own) process.on("exit", () => rmSync(data, { recursive: true, force: true }));
    process.on("exit", () => daemon.#child?.kill("SIGKILL"));
    await daemon.startAgain();
    return daemon;
  }

  get url() {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Starts it again, on the same port where it had one. */
  async startAgain() {
    const child = spawn(PROGRAM, ["serve", "--data-dir", this.data, "--port", String(this.port), "--patience", "0"], {
      env: { ...process.env, ...this.environment },
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.#child = child;
    const log = (/** @type {Buffer} */ text) => appendFileSync(join(this.data, "test.log"), text);
    child.stdout.on("data", log);
    child.stderr.on("data", log);
    for (let tries = 0; ; tries += 1) {
      try {
        const endpoint = JSON.parse(readFileSync(join(this.data, "daemon.json"), "utf8"));
        if (endpoint.pid === child.pid) {
          this.port = endpoint.port;
          await fetch(`${this.url}/healthz`);
          break;
        }
      } catch {
        // Not yet.
      }
      if (tries > 1200 || child.exitCode !== null) throw new Error(`the daemon does not answer:\n${this.log()}`);
      await sleep(50);
    }
    this.token = readFileSync(join(this.data, "token"), "utf8");
  }

  log() {
    return readFileSync(join(this.data, "test.log"), "utf8");
  }

  /** Ends it as a power cut would. */
  async kill() {
    const child = this.#child;
    if (!child) return;
    this.#child = undefined;
    const ended = once(child, "exit");
    child.kill("SIGKILL");
    await ended;
  }

  /** @param {string} method @param {object} [params] @returns {Promise<any>} */
  async call(method, params = {}) {
    const response = await fetch(`${this.url}/rpc`, {
      method: "POST",
      headers: { "content-type": "application/json", authorization: `Bearer ${this.token}` },
      body: JSON.stringify({ jsonrpc: "2.0", id: 1, method, params }),
    });
    const answer = await response.json();
    if (answer.error) throw Object.assign(new Error(answer.error.message), { kind: answer.error.data?.kind });
    return answer.result;
  }

  /** What lies at a path, with the token of local integrations. @param {string} path @param {RequestInit} [init] */
  fetch(path, init = {}) {
    return fetch(this.url + path, { ...init, headers: { ...init.headers, authorization: `Bearer ${this.token}` } });
  }

  /** A code as `easel pair` shows it. @returns {Promise<string>} */
  async code() {
    return (await this.call("pairing.start")).code;
  }

  /** Stores a file of the repository. @param {string} path @returns {Promise<string>} */
  async upload(path) {
    const response = await this.fetch("/v1/blobs", {
      method: "PUT",
      headers: { "content-type": "application/octet-stream" },
      body: readFileSync(join(ROOT, path)),
    });
    return (await response.json()).id;
  }

  /** A command of the program on this daemon's data. @param {...string} words */
  run(...words) {
    const { status, stdout, stderr } = spawnSync(PROGRAM, [...words, "--data-dir", this.data], {
      encoding: "utf8",
      env: { ...process.env, ...this.environment },
    });
    if (status !== 0) throw new Error(`\`easel ${words.join(" ")}\` failed:\n${stderr}`);
    return stdout;
  }
}
