/** Wherever a source lies, the result lies exactly there: turned, nested, in groups, arranged by a frame, locked, in instances, on other pages, gone. */
import { check } from "../lib/browser.mjs";
import { Daemon } from "../lib/daemon.mjs";
import { near, openHost } from "./host/host.mjs";

/** @import { Figma } from "./host/host.mjs" */

const WHITE = [{ type: "SOLID", color: { r: 1, g: 1, b: 1 } }];
const daemon = await Daemon.start();

/** By so many degrees, counted as Figma does. @param {number} degrees @param {number} x @param {number} y */
const turned = (degrees, x, y) => {
  const angle = (degrees * Math.PI) / 180;
  return [
    [Math.cos(angle), Math.sin(angle), x],
    [-Math.sin(angle), Math.cos(angle), y],
  ];
};

/** Transforms a layer and gives the newest one of Easel's. @param {Figma} figma @param {string} id */
async function transformed(figma, id) {
  const before = new Set((await figma.host("made")).map((/** @type {any} */ it) => it.id));
  await figma.select(id);
  await figma.ui.locator(".layer .name", { hasText: (await figma.host("about", id)).name }).waitFor();
  await figma.go();
  const all = await figma.made(before.size + 1);
  return all.find(({ id }) => !before.has(id));
}

/** @param {any} made @param {any} source @param {string} what */
function inPlace(made, source, what) {
  for (const name of ["x", "y", "width", "height"]) check(near(made.box[name], source.box[name]), `${what}: ${name} is ${made.box[name]}, not ${source.box[name]}`);
}

/** What is seen of a layer is the inverse of what its source shows. @param {Figma} figma @param {any} made @param {any} source @param {string} what */
async function inverted(figma, made, source, what) {
  const [was, is] = await Promise.all([figma.pixels(source.id, 120), figma.pixels(made.id, 120)]);
  let [off, opaque] = [0, 0];
  for (let at = 0; at < was.data.length; at += 4) {
    if (was.data[at + 3] !== 255 || is.data[at + 3] !== 255) continue;
    opaque += 1;
    // Scaled down the one and then the other way: near, and not the same.
    if ([0, 1, 2].some((channel) => Math.abs(255 - Number(was.data[at + channel]) - Number(is.data[at + channel])) > 24)) off += 1;
  }
  check(opaque > 1000 && off / opaque < 0.02, `${what}: ${off} of ${opaque} pixels are not inverted`);
}

const figma = await openHost(daemon);
await figma.image("tests/data/coffee.png", { name: "Plain", width: 120, height: 80 });
await figma.start();
await figma.only("Invert");

{
  const outer = await figma.node("FRAME", { name: "Outer", width: 900, height: 700, relativeTransform: turned(-12, 700, 200), fills: WHITE });
  const group = await figma.node("GROUP", { name: "Group" }, outer);
  const inner = await figma.node("FRAME", { name: "Inner", width: 400, height: 300, relativeTransform: turned(20, 200, 250), fills: WHITE }, group);
  const nested = await figma.node("GROUP", { name: "Nested" }, inner);
  const photo = await figma.image("tests/data/coffee.png", { name: "Deep", width: 150, height: 100, parent: nested, relativeTransform: turned(-8, 60, 70), locked: true });
  const sibling = await figma.node("RECTANGLE", { name: "Sibling", width: 10, height: 10, fills: WHITE, relativeTransform: [[1, 0, 300], [0, 1, 200]] }, nested);
  const source = await figma.host("about", photo);
  const made = await transformed(figma, photo);
  inPlace(made, source, "deep within turned frames and groups");
  check(made.parent === nested && made.index === source.index + 1, "it lies in the same group, above its source");
  check((await figma.host("about", sibling)).index === 2, "and below what was above that");
  await inverted(figma, made, source, "turned frames");
  await figma.host("undo");
}
{
  const stack = await figma.node("FRAME", { name: "Stack", width: 400, height: 500, layoutMode: "VERTICAL", itemSpacing: 10, fills: WHITE, relativeTransform: [[1, 0, 0], [0, 1, 300]] });
  await figma.node("RECTANGLE", { name: "First", width: 300, height: 60, fills: WHITE }, stack);
  const photo = await figma.image("tests/data/coffee.png", { name: "Arranged", width: 150, height: 100, parent: stack, constraints: { horizontal: "CENTER", vertical: "MAX" } });
  const last = await figma.node("RECTANGLE", { name: "Last", width: 300, height: 60, fills: WHITE }, stack);
  const [source, below] = await Promise.all([figma.host("about", photo), figma.host("about", last)]);
  const made = await transformed(figma, photo);
  inPlace(made, source, "in a frame that arranges its children");
  check(made.positioning === "ABSOLUTE" && made.parent === stack, "the frame does not arrange it");
  check(near((await figma.host("about", last)).box.y, below.box.y), "and nothing else of it has moved");
  await inverted(figma, made, source, "auto layout");
}
{
  const card = await figma.node("INSTANCE", { name: "Card" });
  // Instances are made whole: nothing can be put into one afterwards.
  const photo = await figma.page.evaluate(([card, hash]) => {
    const { scene } = /** @type {any} */ (globalThis).host;
    const instance = scene.node(card);
    instance.set({ width: 300, height: 200, relativeTransform: [[1, 0, 500], [0, 1, -300]] });
    const child = scene.make("RECTANGLE", { name: "In card", width: 150, height: 100, parent: card, relativeTransform: [[1, 0, 30], [0, 1, 20]], fills: scene.node(hash).state.fills });
    instance.set({ children: [child.id] });
    scene.commit();
    return child.id;
  }, [card, (await figma.host("all")).find((/** @type {any} */ it) => it.name === "Plain").id]);
  const source = await figma.host("about", photo);
  const made = await transformed(figma, photo);
  inPlace(made, source, "in an instance");
  check(made.parent === (await figma.host("about", card)).parent && made.index === (await figma.host("about", card)).index + 1, "it lies above the instance");
  check((await figma.status()).includes("Card takes no new layers"), "and the panel says why");
}
{
  // The source is moved while the model works, and somebody looks at another page when the result comes.
  const photo = await figma.image("tests/data/coffee.png", { name: "Moving", width: 150, height: 100, relativeTransform: [[1, 0, -400], [0, 1, 0]] });
  await figma.only("Fixture slow");
  await figma.select(photo);
  await figma.ui.locator(".layer .name", { hasText: "Moving" }).waitFor();
  await figma.go();
  await figma.ui.locator("button.go", { hasText: "Cancel" }).waitFor();
  await figma.ui.locator(".stage", { hasText: "Fixture slow" }).waitFor();
  const page = await figma.page.evaluate((id) => {
    const { scene } = /** @type {any} */ (globalThis).host;
    scene.node(id).set({ relativeTransform: [[1, 0, -500], [0, 1, 40]] });
    const first = scene.current;
    scene.current = scene.addPage("Page 2");
    return first.id;
  }, photo);
  await figma.ui.locator("button.go", { hasText: "Transform" }).waitFor();
  const found = await figma.page.evaluate((page) => {
    const { scene, about } = /** @type {any} */ (globalThis).host;
    const made = scene.node(page).all.filter((/** @type {any} */ node) => node.state.data["easel.artifact"]).map((/** @type {any} */ node) => about(node.id));
    scene.current = scene.node(page);
    return made.at(-1);
  }, page);
  inPlace(found, await figma.host("about", photo), "moved meanwhile");
}
{
  // The source is removed while the model works.
  const photo = await figma.image("tests/data/coffee.png", { name: "Leaving", width: 150, height: 100, relativeTransform: turned(15, -400, 300) });
  const source = await figma.host("about", photo);
  await figma.select(photo);
  await figma.ui.locator(".layer .name", { hasText: "Leaving" }).waitFor();
  await figma.go();
  await figma.ui.locator(".stage", { hasText: "Fixture slow" }).waitFor();
  const before = (await figma.host("made")).length;
  await figma.page.evaluate((id) => /** @type {any} */ (globalThis).host.scene.node(id).remove(), photo);
  const made = (await figma.made(before + 1)).at(-1);
  inPlace(made, source, "gone");
  check((await figma.status()).includes("The source is gone"), "and the panel says so");
}
{
  // What is hidden has no pixels, and the panel says so before anything is sent.
  const photo = await figma.image("tests/data/coffee.png", { name: "Hidden", width: 150, height: 100, visible: false });
  await figma.select(photo);
  await figma.ui.locator("#reason", { hasText: "Hidden is hidden" }).waitFor();
  check(await figma.ui.locator("button.go").isDisabled(), "nothing is sent");
}
await figma.end();

// Should Figma export turned layers as if they stood upright, the result is turned as its source is.
await daemon.startAgain();
const upright = await openHost(daemon, { upright: true });
const frame = await upright.node("FRAME", { name: "Outer", width: 600, height: 500, relativeTransform: turned(10, 100, 100), fills: WHITE });
const photo = await upright.image("tests/data/coffee.png", { name: "Upright", width: 150, height: 100, parent: frame, relativeTransform: turned(-35, 60, 70) });
await upright.start();
await upright.only("Invert");
const source = await upright.host("about", photo);
const made = await transformed(upright, photo);
check([0, 1].every((row) => [0, 1, 2].every((column) => near(made.absolute[row][column], source.absolute[row][column]))), "it is turned as its source is");
check(near(made.width, source.width) && near(made.height, source.height), "and as large");
await inverted(upright, made, source, "exported upright");
await upright.end();
