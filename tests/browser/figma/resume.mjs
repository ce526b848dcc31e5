/** Closed in the middle of a job and opened again, the plugin goes on; so it does when the daemon is killed; nothing runs or arrives twice. */
import { check } from "../lib/browser.mjs";
import { Daemon } from "../lib/daemon.mjs";
import { near, openHost } from "./host/host.mjs";

const daemon = await Daemon.start();
const figma = await openHost(daemon);
const photo = await figma.image("tests/data/coffee.png", { name: "Coffee", relativeTransform: [[1, 0, 30], [0, 1, 20]] });
await figma.select(photo);
await figma.start();
await figma.only("Fixture slow");
const more = figma.ui.locator("details.more");
const milliseconds = figma.ui.getByLabel("milliseconds");

/** @param {number} ms */
const slow = async (ms) => {
  // What was set right before a close may be lost with it: whether this was unfolded too.
  if (!(await more.evaluate((element) => /** @type {HTMLDetailsElement} */ (element).open))) await more.locator("summary").click();
  await milliseconds.fill(String(ms));
  await milliseconds.press("Tab");
  await figma.go();
  await figma.ui.locator(".stage", { hasText: "Fixture slow" }).waitFor();
};

// Closed while it runs, opened while it still does.
await slow(4000);
await figma.host("close");
await figma.start();
await figma.ui.locator("button.go", { hasText: "Cancel" }).waitFor();
const [first] = await figma.made(1);
await figma.ui.locator("button.go", { hasText: "Transform" }).waitFor();
const source = await figma.host("about", photo);
check(near(first.box.x, source.box.x) && first.index === source.index + 1, "it lies above its source");
check((await figma.storage()).begun.length === 0, "what has arrived is not waited for any more");

// Closed while it runs, opened when it has long ended: its layer comes all the same.
await slow(500);
await figma.host("close");
for (;;) {
  const [newest] = (await daemon.call("transform.list", { limit: 1 })).transforms;
  if (newest.jobs[0].state === "done") break;
  await new Promise((resolve) => setTimeout(resolve, 50));
}
check((await figma.host("made")).length === 1, "nobody places what nobody sees");
await figma.start();
await figma.made(2);

// Opened once more, nothing comes twice.
await figma.ui.locator("button.go", { hasText: "Transform" }).waitFor();
await figma.start();
await figma.ui.locator(".result").nth(1).waitFor();
check((await figma.host("made")).length === 2, "what has arrived does not arrive again");

// Killed while it runs, the daemon starts it again; the plugin waits for it and goes on.
await slow(3000);
await daemon.kill();
await figma.ui.locator(".note", { hasText: "The daemon is away" }).waitFor();
await daemon.startAgain();
await figma.made(3);
await figma.ui.locator(".note", { hasText: "The daemon is away" }).waitFor({ state: "hidden" });
const all = (await daemon.call("transform.list", {})).transforms;
check(all.length === 3 && all.every((/** @type {any} */ it) => it.jobs.length === 1), "every ask ran once");
check(new Set((await figma.host("made")).map((/** @type {any} */ it) => it.data["easel.transform"])).size === 3, "and every layer is of another one");

// Cancelled, it ends, and says so.
await slow(60_000);
await figma.ui.locator("button.go", { hasText: "Cancel" }).click();
await figma.ui.locator(".action p", { hasText: "Cancelled" }).waitFor();
await figma.ui.locator(".result[data-state=cancelled]").waitFor();
check((await figma.host("made")).length === 3, "a cancelled one leaves nothing");

// A copy of the file is another document with the same history; another file has none of it.
await figma.page.evaluate(() => /** @type {any} */ (globalThis).host.scene.root.set({ data: {} }));
await figma.start();
await figma.ui.locator(".line", { hasText: "What is made in this file is kept here." }).waitFor();
check((await figma.ui.locator(".result").count()) === 0, "the history is the document's");
await figma.end();
