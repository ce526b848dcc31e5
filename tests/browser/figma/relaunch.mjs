/** The buttons that Figma shows for a layer of Easel's: iterate goes on from it, re-run asks the same again; and the menu's entries say what they need. */
import { check } from "../lib/browser.mjs";
import { Daemon } from "../lib/daemon.mjs";
import { near, openHost } from "./host/host.mjs";

const daemon = await Daemon.start();
const figma = await openHost(daemon);
const photo = await figma.image("tests/data/coffee.png", { name: "Coffee", relativeTransform: [[1, 0, 30], [0, 1, 20]], width: 300, height: 200 });
const spot = await figma.node("RECTANGLE", { name: "Spot", width: 90, height: 60, relativeTransform: [[1, 0, 100], [0, 1, 70]], fills: [{ type: "SOLID", color: { r: 0, g: 0, b: 0 } }] });
await figma.select(photo, spot);
await figma.start();
await figma.only("Invert");
await figma.go();
const [first] = await figma.made(1);
await figma.host("close");

// Iterate: the source is the result, its mask and its place go along.
await figma.select(first.id);
await figma.start("iterate");
await figma.ui.locator(".instead", { hasText: "Iterating" }).filter({ hasText: "Invert: Restyle" }).waitFor();
await figma.go();
const second = (await figma.made(2)).find((/** @type {any} */ it) => it.id !== first.id);
const records = (await daemon.call("transform.list", {})).transforms;
check(records[0].ask.parent === first.data["easel.artifact"], "it says what it goes on from");
check(records[0].ask.source === records[1].jobs[0].artifacts[0].blob, "its source is the result, bit for bit");
check(Boolean(records[0].ask.mask), "what was to stay then is to stay now");
for (const name of ["x", "y", "width", "height"]) check(near(second.box[name], first.box[name]), `its ${name} is that of what it goes on from`);
check(second.index === first.index + 1, "it lies above what it goes on from");
const [was, is] = await Promise.all([figma.pixels(photo, 600), figma.pixels(second.id, second.width * 2)]);
const middle = (Math.round(is.height / 2) * is.width + Math.round(is.width / 2)) * 4;
const there = (Math.round((second.box.y - 20) * 2 + is.height / 2) * 600 + Math.round((second.box.x - 30) * 2 + is.width / 2)) * 4;
check([0, 1, 2].every((channel) => is.data[middle + channel] === was.data[there + channel]), "inverted twice it is what it was");
await figma.ui.getByRole("button", { name: "Back to layers" }).click();
await figma.ui.locator(".layer").first().waitFor();
await figma.host("close");

// Re-run: what is free runs at once, with the very same ask.
await figma.select(first.id);
await figma.start("re-run");
await figma.made(3);
const again = (await daemon.call("transform.list", {})).transforms[0];
for (const name of ["source", "mask", "intent", "scale"]) check(again.ask[name] === records[1].ask[name], `re-run keeps the ${name}`);
check(String(again.ask.models) === String(records[1].ask.models) && again.id !== records[1].id, "and the models, in a transform of its own");
const third = (await figma.host("made")).find((/** @type {any} */ it) => it.data["easel.transform"] === again.id);
check(third.parent === first.parent && near(third.box.x, first.box.x) && near(third.box.width, first.box.width), "its result lies where the first one lies");
await figma.host("close");

// On a layer that Easel did not make, the menu says so.
await figma.select(photo);
await figma.start("iterate");
await figma.ui.locator(".action p", { hasText: "Select a layer that Easel made" }).waitFor();
await figma.host("close");

// From the list: iterate, compare on the page, discard and bring back.
await figma.start();
const cards = figma.ui.locator(".result");
await cards.nth(2).waitFor();
await cards.first().getByRole("button", { name: /^Compare/ }).click();
await figma.page.waitForFunction(() => /** @type {any} */ (globalThis).host.opened.length === 1);
const [opened] = await figma.page.evaluate(() => /** @type {any} */ (globalThis).host.opened);
check(opened.startsWith(`http://localhost:${daemon.port}/#/compare/${again.id}?artifact=`), `it opens ${opened}`);
await cards.first().getByRole("button", { name: /^Discard/ }).click();
await cards.nth(2).waitFor({ state: "detached" });
await figma.ui.getByRole("button", { name: "Bring back what was discarded" }).click();
await cards.nth(2).waitFor();
await cards.last().getByRole("button", { name: /^Iterate/ }).click();
await figma.ui.locator(".instead", { hasText: "Iterating" }).waitFor();
await figma.ui.getByRole("button", { name: "Back to layers" }).click();

// Apply shows the layer that is there, also where it was hidden or another page is looked at.
await figma.page.evaluate((id) => {
  const { scene } = /** @type {any} */ (globalThis).host;
  scene.node(id).set({ visible: false });
}, third.id);
await cards.first().getByRole("button", { name: /^Apply/ }).click();
await figma.page.waitForFunction((id) => /** @type {any} */ (globalThis).host.scene.node(id).visible, third.id);
check((await figma.page.evaluate(() => /** @type {any} */ (globalThis).host.scene.selection.map((/** @type {any} */ it) => it.id)).then(String)) === third.id, "and takes the person to it");
check((await figma.host("made")).length === 3, "without making another one");
await figma.end();
