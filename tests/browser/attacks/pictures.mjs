/**
 * Another page shows the daemon's pictures, or reads them: by every element that fetches without asking, with an id that
 * the attacker knows, and out of the cache of a browser whose owner has just looked at them. None loads, none is read.
 */
import { check, pairedPage } from "../lib/browser.mjs";
import { Daemon } from "../lib/daemon.mjs";
import { Hostile, Naive, answersTo, enter, launchForAttack, until, victim } from "../lib/hostile.mjs";

/** @import { Attack } from "../lib/attacker.mjs" */

const daemon = await Daemon.start();
const source = await daemon.upload("tests/data/coffee.png");
const { jobs } = await daemon.call("transform.submit", { key: "theirs", ask: { intent: "restyle", source, models: ["same-8"] } });
const done = async () => (await daemon.call("job.get", { id: jobs[0].id })).artifacts[0];
await until(async () => Boolean(await done()), "there is no picture to steal");
const artifact = await done();
const [hostile, naive] = [await Hostile.start(), await Naive.start()];
const browser = await launchForAttack();
const { attack } = /** @type {{ attack: Attack }} */ (/** @type {unknown} */ (globalThis));

/** Where pictures lie. The id is known: somebody may have seen it, and hashes of public pictures can be computed. */
const PATHS = [
  `/v1/blobs/${source}`,
  `/v1/blobs/${source}/info`,
  `/v1/blobs/${source}/preview`,
  `/v1/blobs/${artifact.blob}/preview?max=64`,
  `/v1/blobs/${source}/pixels?format=rgba8`,
  `/v1/artifacts/${artifact.id}/picture?format=png`,
  `/v1/artifacts/${artifact.id}/changes?max=64`,
  `/v1/blobs/${"0".repeat(64)}/preview`,
];

for (const [from, address] of hostile.places) {
  const context = await victim(browser);
  const page = await context.newPage();
  const answers = answersTo(context, daemon.url);
  const frame = await enter(page, address);
  for (const kind of await frame.evaluate(() => attack.kinds)) {
    /** @param {string} url */
    const embed = (url) => frame.evaluate(([kind, url]) => attack.embed(kind, url), /** @type {[string, string]} */ ([kind, url]));
    const given = await embed(`${naive.url}${PATHS[2]}?kind=${encodeURIComponent(kind)}`);
    check(given.event.startsWith("load"), `${kind} from ${from}: loads nowhere, so it proves nothing`);
    for (const path of PATHS) {
      const { event, pixel } = await embed(daemon.url + path);
      check(event === "error", `${kind} of ${path} from ${from}: ${event} ${pixel}`);
    }
  }
  const read = await frame.evaluate((url) => attack.embed("img crossorigin", url), `${naive.url}${PATHS[2]}?read`);
  check(read.pixel === "200 80 20 255", `from ${from}: a pixel of the naive daemon cannot be read either: ${read.pixel}`);

  for (const mode of /** @type {RequestMode[]} */ (["cors", "no-cors"])) {
    for (const path of PATHS) {
      const given = await frame.evaluate(([url, mode]) => attack.send(url, { mode: /** @type {RequestMode} */ (mode) }), [naive.url + path, mode]);
      check(!("failed" in given), `a request with ${mode} from ${from}: gets nothing anywhere`);
      const learnt = await frame.evaluate(([url, mode]) => attack.send(url, { mode: /** @type {RequestMode} */ (mode) }), [daemon.url + path, mode]);
      // From another port it may read that the token is missing, and no more.
      check("failed" in learnt || learnt.status === 401 || (learnt.type === "opaque" && learnt.text === ""), `${path} with ${mode} from ${from}: ${JSON.stringify(learnt)}`);
    }
  }
  check((await frame.evaluate((url) => attack.listen(`${url}/rpc`), naive.url)) === "message stolen", "the naive daemon tells no events");
  check((await frame.evaluate((url) => attack.listen(`${url}/rpc`), daemon.url)) === "error", `from ${from}: events are told`);

  // Backgrounds and posters tell no page what became of them; the browser does.
  const counted = answers.length;
  await frame.evaluate(([url, ...paths]) => {
    const sheet = document.createElement("style");
    sheet.textContent = paths.map((path, index) => `#place${index} { background: url("${url}${path}"); }`).join("");
    document.head.append(sheet);
    for (const index of paths.keys()) {
      const place = document.createElement("video");
      place.id = `place${index}`;
      place.poster = `${url}${paths[index]}&poster`;
      document.body.append(place);
    }
  }, [daemon.url, ...PATHS.map((path) => `${path}${path.includes("?") ? "&" : "?"}css`)]);
  await until(() => answers.length - counted >= 2 * PATHS.length, `from ${from}: the style sheet fetches nothing`);
  const told = answers.filter(({ status }) => status && status < 400);
  check(told.length === 0, `from ${from}: the daemon answered ${JSON.stringify(told)}`);
  await context.close();
}

// The owner looks at the pictures; a page on another port of the same machine shares the part of the cache they are in.
const { context, page } = await pairedPage(browser, daemon);
/** Fetches a picture as the page does, and says what its first bytes are. @param {string} path */
const look = (path) =>
  page.evaluate(async (path) => {
    const token = JSON.parse(localStorage.getItem("easel.token") ?? '"any"');
    const response = await fetch(path, { headers: { authorization: `Bearer ${token}` } });
    return [...new Uint8Array(await response.arrayBuffer()).slice(1, 4)].map((code) => String.fromCharCode(code)).join("");
  }, path);
const seen = [`/v1/blobs/${source}/preview?max=64`, `/v1/artifacts/${artifact.id}/changes?max=64`];
for (const path of seen) check((await look(path)) === "PNG", `the owner sees nothing at ${path}`);
await page.goto(naive.url);
check((await look("/v1/guarded/preview")) === "PNG", "the owner of the naive daemon sees nothing");
const spy = await context.newPage();
/** @param {import("playwright-core").Frame} frame @param {string} kind @param {string} url */
const embed = (frame, kind, url) => frame.evaluate(([kind, url]) => attack.embed(kind, url), /** @type {[string, string]} */ ([kind, url]));
const neighbour = await enter(spy, hostile.at("127.0.0.1", "/page"));
check((await embed(neighbour, "img", `${naive.url}/v1/guarded/preview`)).event === "load", "this browser's cache is no way in, so it proves nothing");
check((await embed(neighbour, "img", `${naive.url}/v1/guarded/other`)).event === "error", "the naive daemon guards nothing");
for (const host of ["127.0.0.1", "localhost", "evil.test"]) {
  const frame = await enter(spy, hostile.at(host, "/page"));
  for (const path of seen) {
    for (const kind of await frame.evaluate(() => attack.kinds)) {
      const { event } = await embed(frame, kind, daemon.url + path);
      check(event === "error", `${kind} of ${path} on ${host}: ${event} out of the browser's cache`);
    }
    for (const cache of /** @type {RequestCache[]} */ (["default", "force-cache"])) {
      const learnt = await frame.evaluate(([url, cache]) => attack.send(url, { cache: /** @type {RequestCache} */ (cache) }), [daemon.url + path, cache]);
      check("failed" in learnt || learnt.status === 401, `${path} on ${host} with ${cache}: ${JSON.stringify(learnt)}`);
    }
  }
}
await browser.close();
await daemon.kill();
