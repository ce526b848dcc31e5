/** Above 4096 px: every pixel comes back in several pictures that fit without a seam, or one picture that is scaled down; either is said before. */
import { check } from "../lib/browser.mjs";
import { Daemon } from "../lib/daemon.mjs";
import { near, openHost } from "./host/host.mjs";

const daemon = await Daemon.start();
const figma = await openHost(daemon);
// A poster of 5000×3000 units with a photograph that covers a part of it, and lines that show every seam.
const solid = (/** @type {number} */ r, /** @type {number} */ g, /** @type {number} */ b) => [{ type: "SOLID", color: { r, g, b } }];
const at = (/** @type {number} */ x, /** @type {number} */ y) => [[1, 0, x], [0, 1, y]];
const poster = await figma.node("FRAME", { name: "Poster", width: 5000, height: 3000, relativeTransform: at(100, 50), fills: solid(0.9, 0.8, 0.1) });
await figma.image("tests/data/rocket.jpg", { name: "Rocket", width: 1280, height: 854, parent: poster, relativeTransform: at(1800, 700) });
for (let line = 0; line < 50; line += 1) {
  const fills = solid(line / 50, 0.3, 1 - line / 50);
  await figma.node("RECTANGLE", { name: `Line ${line}`, width: 3, height: 3000, relativeTransform: at(line * 100 + 7, 0), fills }, poster);
}
await figma.select(poster);
await figma.start();
await figma.ui.locator(".layer .number", { hasText: "5000×3000 px" }).waitFor();
await figma.ui.locator(".line", { hasText: "Comes back as 2 pictures in one frame" }).waitFor();
await figma.only("Invert");
await figma.go();
const [made] = await figma.made(1);
const source = await figma.host("about", poster);
check(made.type === "FRAME" && made.children.length === 2, `it is a frame of ${made.children.length} pictures`);
for (const name of ["x", "y", "width", "height"]) check(near(made.box[name], source.box[name]), `its ${name} is that of the source`);
const tiles = await Promise.all(made.children.map((/** @type {string} */ id) => figma.host("about", id)));
check(tiles.every((tile) => tile.fills[0] === "IMAGE"), "each is a picture");
check(near(tiles[0].box.x, 100) && near(tiles[1].box.x + tiles[1].box.width, 5100), "together they cover all of it");
check(tiles[1].box.x < tiles[0].box.x + tiles[0].box.width, "and overlap, so that nothing shines through");

await figma.ui.locator(".action p", { hasText: "5000×3000 px lie in a frame of 2 pictures" }).waitFor();

// All 15 million pixels are compared where they are.
const wrong = await figma.page.evaluate(async ([made, poster]) => {
  const { pixels } = /** @type {any} */ (globalThis).host;
  const bytes = async (/** @type {string} */ id) => Uint8Array.from(atob((await pixels(id, 5000)).data), (it) => it.charCodeAt(0));
  const [is, was] = [await bytes(made), await bytes(poster)];
  let wrong = is.length === 5000 * 3000 * 4 ? 0 : 1;
  for (let at = 0; at < is.length; at += 1) if (is[at] !== (at % 4 === 3 ? 255 : 255 - Number(was[at]))) wrong += 1;
  return wrong;
}, [made.id, poster]);
check(wrong === 0, `${wrong} of 60 million values are wrong`);
await figma.host("undo");
check((await figma.host("made")).length === 0, "one undo takes the frame and its pictures back");

// Scaled down, it is one picture.
await figma.ui.locator(".more summary").click();
await figma.ui.getByLabel("Above 4096 px").selectOption("scale");
await figma.ui.locator(".line", { hasText: "Scaled down from 5000×3000 px" }).waitFor();
await figma.ui.locator(".layer .number", { hasText: "4096×2458 px" }).waitFor();
await figma.go();
const [scaled] = await figma.made(1);
check(scaled.type === "RECTANGLE", "it is one picture");
for (const name of ["x", "y", "width", "height"]) check(near(scaled.box[name], source.box[name]), `scaled down, its ${name} is that of the source`);

// A mask on a large picture is as large, and its result has as many pictures, empty where nothing could change.
await figma.host("undo");
const spot = await figma.node("ELLIPSE", { name: "Spot", width: 4500, height: 600, relativeTransform: at(300, 1000), fills: solid(0, 0, 0) });
await figma.ui.getByLabel("Above 4096 px").selectOption("tiles");
await figma.select(poster, spot);
await figma.ui.locator(".layer").nth(1).waitFor();
await figma.go();
const [masked] = await figma.made(1);
check(masked.type === "FRAME" && masked.children.length === 2, "a large masked result comes in two pictures");
check(near(masked.box.x, 300) && near(masked.box.width, 4500) && near(masked.box.y, 1000) && near(masked.box.height, 600), "and lies over its mask");
const [corner, middle] = await figma.page.evaluate(async (id) => {
  const { data, width } = await /** @type {any} */ (globalThis).host.pixels(id, 4500);
  const bytes = Uint8Array.from(atob(data), (it) => it.charCodeAt(0));
  const at = (/** @type {number} */ x, /** @type {number} */ y) => [...bytes.subarray((y * width + x) * 4, (y * width + x) * 4 + 4)];
  return [at(5, 5), at(2030, 300)];
}, masked.id);
check(corner[3] === 0, "its corner is empty");
check(middle[3] === 255, "its middle is not");
await figma.end();
