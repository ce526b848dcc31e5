/**
 * History with ten thousand transforms, in a real browser: frames while it is scrolled, time from a keystroke to the rows
 * that it finds, first paint, and bytes. Judges nothing: figures are for reading, and for comparing within one machine.
 *
 * `EASEL_PROGRAM=target/release/easel node benches/page/history.mjs`; `TRANSFORMS=1000` for fewer.
 */
import { spawnSync } from "node:child_process";

const here = new URL("../../tests/browser/lib/", import.meta.url);
/** @type {typeof import("../../tests/browser/lib/daemon.mjs")} */
const { Daemon } = await import(new URL("daemon.mjs", here).href);
/** @type {typeof import("../../tests/browser/lib/browser.mjs")} */
const { freshPage, launch, pairedPage } = await import(new URL("browser.mjs", here).href);
/** @type {typeof import("../../tests/browser/lib/plugins.mjs")} */
const { installPlugin } = await import(new URL("plugins.mjs", here).href);

const TRANSFORMS = Number(process.env.TRANSFORMS ?? 10_000);
/** Different pictures, so that every row has to fetch its own. */
const PICTURES = 2000;

/** Copies the rows of a transform with other ids, times, words and pictures. */
const COPY = `
import json, random, sqlite3, sys
path, template, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
blobs = json.load(sys.stdin)
random.seed(7)
db = sqlite3.connect(path)
def columns(table):
    return [row[1] for row in db.execute(f"PRAGMA table_xinfo({table})") if row[6] == 0]
def rows(table, where):
    names = columns(table)
    return [dict(zip(names, row)) for row in db.execute(f"SELECT {','.join(names)} FROM {table} WHERE {where} = ?", [key])]
def insert(table, row):
    db.execute(f"INSERT INTO {table} ({','.join(row)}) VALUES ({','.join('?' * len(row))})", list(row.values()))
key = template
transform, job = rows("transforms", "id")[0], rows("jobs", "transform")[0]
key = job["id"]
artifact = rows("artifacts", "job")[0]
words = "lighthouse harbour dusk storm linen glass copper morning orchard street winter portrait paper ochre quiet red".split()
clients = ["krita", "gimp", "figma", "web", "cli", "folder"]
now = transform["created"]
for number in range(count):
    time = now - (number + 1) * 3_000_000
    tail = f"{number:020x}"
    ask = json.loads(transform["ask"])
    prompt = " ".join(random.sample(words, 4)).replace("harbour dusk", "harbour at dusk").replace("storm glass", "storm over glass")
    source, made = random.choice(blobs), random.choice(blobs)
    ask.update(source=source, title=f"scan {number}.png", prompt=prompt, client=random.choice(clients))
    new = dict(transform, id=f"t{time:012x}{tail}", key=f"copy-{number}", ask=json.dumps(ask), created=time)
    if "words" in new:
        new["words"] = "\\n".join([prompt, ask["title"], job["model"]])
    insert("transforms", new)
    identity = f"j{time:012x}{tail}"
    insert("jobs", dict(job, id=identity, transform=new["id"], created=time))
    record = json.loads(artifact["record"])
    record.update(id=f"{identity}.0", job=identity, blob=made)
    insert("artifacts", dict(artifact, job=identity, blob=made, record=json.dumps(record)))
db.commit()
`;

const daemon = await Daemon.start();
await fill();

const browser = await launch();
/** A token first, so that what is measured is a page that is opened again. */
const paired = await pairedPage(browser, daemon);
const state = await paired.context.storageState();
await paired.context.close();

say(`${TRANSFORMS.toLocaleString("en")} transforms, ${PICTURES.toLocaleString("en")} pictures, ${daemon.run("--version").trim()}, Chromium ${browser.version()}\n`);
await firstPaint();
const { page, context } = await freshPage(browser, { storageState: state });
await page.goto(`${daemon.url}/#/history`);
await page.waitForFunction(() => document.querySelectorAll(".history-row .row-title").length > 5);
await scrolling("a wheel, 3,000 px/s", 3000);
await scrolling("a fling, 12,000 px/s", 12_000);
await dragging();
await searching();
await context.close();
await browser.close();
await daemon.kill();
process.exit(0);

/** @param {string} line */
function say(line) {
  console.log(line);
}

/** @param {string} what @param {string} figures */
function row(what, figures) {
  say(`  ${what.padEnd(36)} ${figures}`);
}

/** @param {readonly number[]} values @param {number} share */
function quantile(values, share) {
  const sorted = [...values].sort((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? NaN;
}

/** Real transforms as a template, and thousands of rows like them written while the daemon is down. */
async function fill() {
  installPlugin(daemon, "plugins/example-c");
  await daemon.kill();
  await daemon.startAgain();
  await daemon.call("backend.trust", { id: "invert" });
  const blobs = [];
  for (let start = 0; start < PICTURES; start += 50) {
    blobs.push(...(await Promise.all(Array.from({ length: 50 }, (_, index) => picture(start + index)))));
  }
  const { id } = await daemon.call("transform.submit", { key: "template", ask: { intent: "restyle", source: blobs[0], title: "scan.png", client: "web", models: ["invert"] } });
  for (let tries = 0; (await daemon.call("transform.get", { id })).jobs[0].state !== "done"; tries += 1) {
    if (tries > 600) throw new Error("the template does not end");
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  await daemon.kill();
  const { status, stderr } = spawnSync("python3", ["-c", COPY, `${daemon.data}/easel.db`, id, String(TRANSFORMS)], { input: JSON.stringify(blobs), encoding: "utf8" });
  if (status !== 0) throw new Error(stderr);
  await daemon.startAgain();
}

/** 96×72 pixels of colours that run into each other. @param {number} number @returns {Promise<string>} */
async function picture(number) {
  const [width, height] = [96, 72];
  const rows = new Uint8Array(4 * width * height);
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) rows.set([(number * 37 + 2 * x) % 256, (number * 11 + 3 * y) % 256, (number * 5 + x + y) % 256, 255], 4 * (y * width + x));
  }
  const response = await daemon.fetch("/v1/blobs", { method: "PUT", headers: { "content-type": `application/vnd.easel.pixels; format=rgba8; width=${width}; height=${height}` }, body: rows });
  return (await response.json()).id;
}

/** Every measurement opens the page in a browser without anything kept. */
async function firstPaint() {
  say("opening #/history, nothing kept by the browser");
  /** @type {Record<string, number[]>} */
  const found = { "first paint": [], "first rows": [], "to first paint, kB": [], "to first rows, kB": [], requests: [] };
  for (let turn = 0; turn < 7; turn += 1) {
    const { page, context } = await freshPage(browser, { storageState: state });
    const session = await context.newCDPSession(page);
    await session.send("Network.enable");
    /** @type {{ at: number, bytes: number }[]} */
    const loaded = [];
    session.on("Network.loadingFinished", ({ timestamp, encodedDataLength }) => loaded.push({ at: timestamp, bytes: encodedDataLength }));
    let started = 0;
    session.on("Network.requestWillBeSent", ({ timestamp }) => (started ||= timestamp));
    await page.addInitScript(() => {
      const wait = () => {
        if (document.querySelector(".history-row .row-title")?.textContent) requestAnimationFrame(() => requestAnimationFrame(() => performance.mark("rows")));
        else requestAnimationFrame(wait);
      };
      wait();
    });
    await page.goto(`${daemon.url}/#/history`);
    await page.waitForFunction(() => performance.getEntriesByName("rows").length);
    const [paint, rows] = await page.evaluate(() => [performance.getEntriesByType("paint").find((it) => it.name === "first-contentful-paint")?.startTime ?? NaN, performance.getEntriesByName("rows")[0]?.startTime ?? NaN]);
    const until = (/** @type {number} */ ms) => loaded.filter(({ at }) => 1000 * (at - started) <= ms).reduce((sum, { bytes }) => sum + bytes, 0) / 1000;
    found["first paint"]?.push(paint ?? NaN);
    found["first rows"]?.push(rows ?? NaN);
    found["to first paint, kB"]?.push(until(paint ?? 0));
    found["to first rows, kB"]?.push(until(rows ?? 0));
    found.requests?.push(loaded.length);
    await context.close();
  }
  for (const [what, values] of Object.entries(found)) row(what, `p50 ${quantile(values, 0.5).toFixed(1)}   worst ${Math.max(...values).toFixed(1)}${what.startsWith("first") ? " ms" : ""}`);
  say("");
}

/** Frames as the page sees them, and those that the browser dropped. @param {string} what @param {number} speed */
async function scrolling(what, speed) {
  await page.locator(".history-scroller").evaluate((it) => (it.scrollTop = 0));
  const box = await page.locator(".history-scroller").boundingBox();
  if (!box) throw new Error("there is no list");
  const session = await context.newCDPSession(page);
  await measured(what, () =>
    session.send("Input.synthesizeScrollGesture", { x: Math.round(box.x + 300), y: Math.round(box.y + 300), yDistance: -Math.round(speed * 6), speed, gestureSourceType: "mouse", preventFling: true }),
  );
  await session.detach();
}

/** The scroll bar from top to bottom in five seconds: no row is seen twice. */
async function dragging() {
  await measured("the bar, top to bottom in 5 s", () =>
    page.evaluate(
      () =>
        new Promise((resolve) => {
          const scroller = /** @type {HTMLElement} */ (document.querySelector(".history-scroller"));
          const start = performance.now();
          const step = () => {
            const share = (performance.now() - start) / 5000;
            scroller.scrollTop = share * (scroller.scrollHeight - scroller.clientHeight);
            if (share < 1) requestAnimationFrame(step);
            else resolve(undefined);
          };
          step();
        }),
    ),
  );
}

/** @param {string} what @param {() => Promise<unknown>} work */
async function measured(what, work) {
  await page.evaluate(() => {
    const frames = { deltas: /** @type {number[]} */ ([]), empty: 0, long: 0, on: true };
    Object.assign(globalThis, { frames });
    let last = performance.now();
    const frame = (/** @type {number} */ now) => {
      frames.deltas.push(now - last);
      last = now;
      // A row that one sees and that is not there yet.
      const scroller = document.querySelector(".history-scroller")?.getBoundingClientRect();
      const seen = document.elementsFromPoint((scroller?.left ?? 0) + 300, (scroller?.top ?? 0) + 200).find((it) => it.matches(".history-row"));
      if (!seen || seen.matches(".waiting")) frames.empty += 1;
      if (frames.on) requestAnimationFrame(frame);
    };
    requestAnimationFrame(frame);
    new PerformanceObserver((list) => (frames.long += list.getEntries().length)).observe({ type: "longtask" });
  });
  await browser.startTracing(page, { categories: ["disabled-by-default-devtools.timeline.frame", "devtools.timeline.frame"] });
  await work();
  const trace = JSON.parse((await browser.stopTracing()).toString());
  const { deltas, empty, long } = await page.evaluate(() => {
    const { frames } = /** @type {any} */ (globalThis);
    frames.on = false;
    return frames;
  });
  const count = (/** @type {string} */ name) => trace.traceEvents.filter((/** @type {any} */ event) => event.name === name).length;
  const seconds = deltas.reduce((/** @type {number} */ sum, /** @type {number} */ it) => sum + it, 0) / 1000;
  const late = deltas.filter((/** @type {number} */ it) => it > 25).length;
  say(what);
  row("frames", `${(deltas.length / seconds).toFixed(1)} a second; p50 ${quantile(deltas, 0.5).toFixed(1)}   p99 ${quantile(deltas, 0.99).toFixed(1)}   worst ${Math.max(...deltas).toFixed(1)} ms`);
  row("later than 25 ms", `${late} of ${deltas.length}`);
  row("dropped, as the browser counts", `${count("DroppedFrame")} of ${count("BeginFrame")}`);
  row("tasks of over 50 ms", String(long));
  row("frames with an empty row in the middle", `${empty} of ${deltas.length}`);
  row("rows in the document", String(await page.locator(".history-row").count()));
  say("");
}

/** From a keystroke to the painted rows that it found, and what of that the daemon took. */
async function searching() {
  say("searching, from the last keystroke to painted rows");
  await page.locator(".history-scroller").evaluate((it) => (it.scrollTop = 0));
  /** @type {number[]} */
  const times = [];
  /** @type {number[]} */
  const asked = [];
  for (const text of ["lighthouse", "scan 77", "storm over", "invert", "linen", "no such words", "harbour at dusk", "glass"]) {
    const time = await page.evaluate(async (wanted) => {
      const field = /** @type {HTMLInputElement} */ (document.querySelector(".filters input"));
      const status = /** @type {HTMLElement} */ (document.querySelector(".history-bar [role=status]"));
      const type = async (/** @type {string} */ text) => {
        const before = status.textContent;
        // The browser keeps so many of these and no more.
        performance.clearResourceTimings();
        const start = performance.now();
        field.value = text;
        field.dispatchEvent(new Event("input", { bubbles: true }));
        while (status.textContent === before) {
          if (performance.now() - start > 5000) throw new Error(`${before} stays for "${text}"`);
          await new Promise((resolve) => requestAnimationFrame(resolve));
        }
        // They came before a frame: at the next one they are painted.
        await new Promise((resolve) => requestAnimationFrame(resolve));
        const calls = performance.getEntriesByType("resource").filter((it) => it.name.endsWith("/rpc") && it.startTime >= start);
        return { took: performance.now() - start, asked: calls[0]?.duration ?? 0 };
      };
      const took = await type(wanted);
      await type("");
      return took;
    }, text);
    times.push(time.took);
    asked.push(time.asked);
  }
  row("from keystroke to rows", `p50 ${quantile(times, 0.5).toFixed(0)}   worst ${Math.max(...times).toFixed(0)} ms`);
  row("of that the daemon's answer", `p50 ${quantile(asked, 0.5).toFixed(0)}   worst ${Math.max(...asked).toFixed(0)} ms`);
}
