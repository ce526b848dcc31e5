/** A second shape is the mask: inside it the picture changes, outside not one bit does, and nothing is laid over it. */
import { check } from "../lib/browser.mjs";
import { Daemon } from "../lib/daemon.mjs";
import { near, openHost } from "./host/host.mjs";

const daemon = await Daemon.start();
const figma = await openHost(daemon);
const at = { x: 60, y: 40 };
const photo = await figma.image("tests/data/coffee.png", { name: "Coffee", relativeTransform: [[1, 0, at.x], [0, 1, at.y]], width: 300, height: 200 });
const shape = await figma.node("ELLIPSE", { name: "Spot", width: 120, height: 80, relativeTransform: [[1, 0, 150], [0, 1, 90]], fills: [{ type: "SOLID", color: { r: 0, g: 0, b: 1 } }] });
const whole = { x: 0, y: 0, width: 420, height: 300 };
await figma.node("RECTANGLE", { name: "Ground", ...whole, fills: [{ type: "SOLID", color: { r: 0.2, g: 0.6, b: 0.3 } }] });
// The ground goes below everything.
await figma.page.evaluate(() => {
  const { scene } = /** @type {any} */ (globalThis).host;
  scene.insert(scene.current, 0, scene.current.inside.at(-1));
  scene.commit();
});
await figma.select(photo, shape);
await figma.start();

// What each layer is for is shown, and can be changed.
const roles = figma.ui.locator(".layer select");
check((await roles.first().inputValue()) === "source" && (await roles.last().inputValue()) === "mask", "the picture is the source and the shape its mask");
await figma.only("Invert");
// The mask itself is not to be seen in what is compared.
await figma.page.evaluate((id) => /** @type {any} */ (globalThis).host.scene.node(id).set({ opacity: 0 }), shape);
const before = await figma.seen(whole, 2);
await figma.page.evaluate((id) => /** @type {any} */ (globalThis).host.scene.node(id).set({ opacity: 1 }), shape);
await figma.go();
const [made] = await figma.made(1);
await figma.page.evaluate((id) => /** @type {any} */ (globalThis).host.scene.node(id).set({ opacity: 0 }), shape);
const after = await figma.seen(whole, 2);
await figma.shoot("mask");

// The daemon was given exactly the ellipse, in pixels of the picture: two a unit.
const [record] = (await daemon.call("transform.list", {})).transforms;
const mask = await (await daemon.fetch(`/v1/blobs/${record.ask.mask}/pixels?format=gray8`)).arrayBuffer().then((bytes) => new Uint8Array(bytes));
check(mask.length === 600 * 400, "the mask has the pixels of the source");
let [inside, outside, off] = [0, 0, 0];
for (let y = 0; y < 400; y += 1) {
  for (let x = 0; x < 600; x += 1) {
    const [dx, dy] = [(x + 0.5) / 2 + at.x - 210, (y + 0.5) / 2 + at.y - 130];
    const far = (dx / 60) ** 2 + (dy / 40) ** 2;
    const value = mask[y * 600 + x] ?? 0;
    if (far < 0.95) inside += 1;
    if (far > 1.05) outside += 1;
    if ((far < 0.95 && value !== 255) || (far > 1.05 && value !== 0)) off += 1;
  }
}
check(inside > 25_000 && outside > 150_000 && off === 0, `${off} values of the mask are not those of the shape`);

// It lies at its part of the source, and nowhere else.
const { place } = record.jobs[0].artifacts[0];
check(near(made.box.x, at.x + place.x / 2) && near(made.box.y, at.y + place.y / 2), "it begins where the mask begins");
check(near(made.width, place.width / 2) && near(made.height, place.height / 2), "it is as large as what could change");

// Outside, every bit of everything that is seen is what it was; inside much has changed.
let [changedOutside, changedInside] = [0, 0];
for (let y = 0; y < after.height; y += 1) {
  for (let x = 0; x < after.width; x += 1) {
    const pixel = (y * after.width + x) * 4;
    const isSame = [0, 1, 2, 3].every((channel) => before.data[pixel + channel] === after.data[pixel + channel]);
    const [u, v] = [x - at.x * 2, y - at.y * 2];
    const allowed = u >= 0 && v >= 0 && u < 600 && v < 400 && (mask[v * 600 + u] ?? 0) > 0;
    if (!isSame && !allowed) changedOutside += 1;
    if (!isSame && allowed) changedInside += 1;
  }
}
check(changedOutside === 0, `${changedOutside} pixels outside the mask have changed`);
check(changedInside > 25_000, `only ${changedInside} pixels inside the mask have changed`);
// Nothing is laid over what could not change: the layer itself is empty there.
const layer = await figma.pixels(made.id, place.width);
let covering = 0;
for (let y = 0; y < layer.height; y += 1) {
  for (let x = 0; x < layer.width; x += 1) {
    if (!mask[(y + place.y) * 600 + x + place.x] && layer.data[(y * layer.width + x) * 4 + 3]) covering += 1;
  }
}
check(covering === 0, `the layer covers ${covering} pixels that could not change`);

// The roles change hands, and what cannot be is said before anything is sent.
await roles.last().selectOption("source");
check((await roles.first().inputValue()) === "reference", "whoever was the source before steps back");
await roles.first().selectOption("mask");
await roles.last().selectOption("source");
await figma.page.evaluate((id) => /** @type {any} */ (globalThis).host.scene.node(id).set({ relativeTransform: [[1, 0, 900], [0, 1, 900]] }), shape);
await figma.ui.locator("#reason", { hasText: "does not lie over" }).waitFor();
check(await figma.ui.locator("button.go").isDisabled(), "nothing is sent that could change nothing");
await figma.end();
