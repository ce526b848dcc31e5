/** Several models: their results lie side by side in labelled frames to the right, where nothing else is; undo takes all back. */
import { check } from "../lib/browser.mjs";
import { Daemon } from "../lib/daemon.mjs";
import { near, openHost } from "./host/host.mjs";

const daemon = await Daemon.start();
const figma = await openHost(daemon);
const card = await figma.node("FRAME", { name: "Card", width: 480, height: 360, relativeTransform: [[1, 0, 40], [0, 1, 40]], fills: [{ type: "SOLID", color: { r: 1, g: 1, b: 1 } }] });
const photo = await figma.image("tests/data/chelsea.png", { name: "Chelsea", width: 451, height: 300, parent: card, relativeTransform: [[1, 0, 14], [0, 1, 20]] });
// Something is in the way already.
const neighbour = await figma.node("RECTANGLE", { name: "Neighbour", width: 200, height: 200, relativeTransform: [[1, 0, 560], [0, 1, 40]], fills: [{ type: "SOLID", color: { r: 0.5, g: 0.5, b: 0.5 } }] });
const spot = await figma.node("RECTANGLE", { name: "Part", width: 100, height: 100, relativeTransform: [[1, 0, 100], [0, 1, 100]], fills: [{ type: "SOLID", color: { r: 0, g: 0, b: 0 } }] });
await figma.select(photo);
await figma.start();

const tick = (/** @type {string} */ label) => figma.ui.getByLabel(`Compare with ${label}`, { exact: true }).check();
await figma.only("Invert");
await tick("Fixture same-8");
await tick("Fixture error-text");
await figma.ui.locator("button.go", { hasText: "Transform · 3 models" }).waitFor();
await figma.go();
const made = await figma.made(2);
check(made.length === 2, "who made a picture has a frame, who failed has none");
await figma.ui.locator(".action .warning", { hasText: "1 model gave no picture" }).waitFor();
await figma.ui.locator(".result[data-state=failed]", { hasText: "Fixture error-text" }).waitFor();

const all = await figma.host("about", made[0].parent);
check(all.type === "FRAME" && all.name === "Compare: Restyle", `the frame around them is called ${all.name}`);
check(made.every(({ parent }) => parent === all.id), "all lie in one frame");
const source = await figma.host("about", photo);
const labels = (await figma.host("all")).filter((/** @type {any} */ node) => node.type === "TEXT");
check(labels.length === 2 && labels[0].characters.startsWith("Invert · ") && labels[1].characters.startsWith("Fixture same-8 · "), `their labels say ${labels.map((/** @type {any} */ it) => it.characters).join(" / ")}`);
check(labels.every((/** @type {any} */ it) => it.characters.includes("free") && it.characters.includes("kept")), "with time, price and what stayed");
for (const [number, node] of made.entries()) {
  check(near(node.width, source.width) && near(node.height, source.height), "each is as large as the source");
  check(near(node.box.y, source.box.y), "in line with it");
  check(near(node.box.x, labels[number].box.x) && labels[number].box.y < node.box.y, "with its label above");
}
check(made[1].box.x >= made[0].box.x + made[0].box.width + 20, "side by side");
const blocking = await figma.host("about", neighbour);
check(made[0].box.x > blocking.box.x + blocking.box.width, "to the right of what was there");
check(made.every(({ relaunch }) => "iterate" in relaunch), "and each can be gone on from");

// The pictures are those that the models made.
const [inverted, same] = await Promise.all(made.map(({ id }) => figma.pixels(id, 451)));
const original = await figma.pixels(photo, 451);
check(inverted.data.every((value, at) => value === (at % 4 === 3 ? 255 : 255 - Number(original.data[at]))), "the first is inverted");
check(same.data.equals(original.data), "the second is what it was");
await figma.shoot("several");

await figma.host("undo");
check((await figma.host("about", all.id)).removed && (await figma.host("made")).length === 0, "one undo takes all of it back");

// With a mask, each frame shows all of the picture with the change in its place.
await figma.select(photo, spot);
await figma.ui.locator(".layer").nth(1).waitFor();
await figma.go();
const masked = await figma.made(2);
check(masked.every(({ width, height }) => near(width, 451) && near(height, 300)), "a masked comparison shows whole pictures");
const part = await figma.pixels(masked[0].id, 451);
const [kept, changed] = [(200 * 451 + 400) * 4, (96 * 451 + 96) * 4];
check([0, 1, 2].every((channel) => part.data[kept + channel] === original.data[kept + channel]), "outside the mask it is the source");
check([0, 1, 2].every((channel) => Math.abs(255 - Number(original.data[changed + channel]) - Number(part.data[changed + channel])) <= 1), "inside it is changed");

// One of them, applied, lies in its place above the source.
await figma.ui.locator(".result", { hasText: "Invert" }).first().locator("button", { hasText: "Apply" }).click();
await figma.page.waitForFunction(() => /** @type {any} */ (globalThis).host.made().some((/** @type {any} */ it) => it.data["easel.place"] === "layer"));
const layer = (await figma.host("made")).find((/** @type {any} */ it) => it.data["easel.place"] === "layer");
check(layer.parent === card && layer.index === source.index + 1, "an applied one lies above the source");
await figma.end();
