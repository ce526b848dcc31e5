/** Select an image, transform it: a rectangle lies exactly in place above it, with the right pixels, and undo takes it back. */
import { check } from "../lib/browser.mjs";
import { Daemon } from "../lib/daemon.mjs";
import { near, openHost } from "./host/host.mjs";

const daemon = await Daemon.start();
const figma = await openHost(daemon);
const below = await figma.node("RECTANGLE", { name: "Below", width: 900, height: 700, fills: [{ type: "SOLID", color: { r: 1, g: 0, b: 0 } }] });
const photo = await figma.image("tests/data/coffee.png", { name: "Coffee", relativeTransform: [[1, 0, 120], [0, 1, 80]], width: 300, height: 200 });
const above = await figma.node("RECTANGLE", { name: "Above", width: 40, height: 40, relativeTransform: [[1, 0, 700], [0, 1, 500]], fills: [] });
await figma.select(photo);
await figma.start();

// What would be sent is said before it is: all pixels of the picture, not those of the layer.
const facts = figma.ui.locator(".layer .number");
await facts.filter({ hasText: "600×400 px" }).waitFor();
await figma.only("Invert");
await figma.go();
const [made] = await figma.made(1);
await figma.shoot("invert");

const source = await figma.host("about", photo);
check(made.type === "RECTANGLE", `a result is a rectangle, not a ${made.type}`);
check(made.parent === source.parent && made.index === source.index + 1, "it lies directly above its source");
check((await figma.host("about", above)).index === made.index + 1, "what lay above the source lies above the result");
for (const name of ["x", "y", "width", "height"]) check(near(made.box[name], source.box[name]), `its ${name} is ${made.box[name]}, not ${source.box[name]}`);
check(made.name === "Invert: Restyle", `it is called ${made.name}`);
check(made.relaunch.iterate?.includes("Invert") && "re-run" in made.relaunch, "it has both relaunch buttons");
const [record] = (await daemon.call("transform.list", {})).transforms;
check(made.data["easel.transform"] === record.id && made.data["easel.job"] === record.jobs[0].id, "it knows its job");
check(made.data["easel.artifact"] === record.jobs[0].artifacts[0].id, "it knows its artifact");
check(record.ask.client === "figma" && record.ask.origin.layer === photo, "the daemon knows where it comes from");

// Every pixel is the inverse of the source's.
const before = await figma.pixels(photo, 600);
const after = await figma.pixels(made.id, 600);
check(after.width === 600 && after.height === 400, "it has the pixels of the picture");
const wrong = after.data.filter((value, at) => value !== (at % 4 === 3 ? before.data[at] : 255 - Number(before.data[at]))).length;
check(wrong === 0, `${wrong} values are not inverted`);

// It is in the list, with its bars and what can be done.
await figma.ui.locator(".result", { hasText: "Invert" }).locator("button", { hasText: "Iterate" }).waitFor();

// One undo takes back what came last, and nothing else.
await figma.go();
const second = (await figma.made(2)).find(({ id }) => id !== made.id);
await figma.host("undo");
check((await figma.host("about", second.id)).removed, "undo takes the second result back");
check(!(await figma.host("about", made.id)).removed, "and not the first");
await figma.host("undo");
check((await figma.host("about", made.id)).removed, "the next undo takes back the first");
check(!(await figma.host("about", photo)).removed && !(await figma.host("about", below)).removed, "and nothing else");
check((await figma.host("made")).length === 0, "nothing of them stays");

// Its layer can be made again from the list.
await figma.ui.locator(".result button", { hasText: "Apply" }).first().click();
const [again] = await figma.made(1);
check(again.index === source.index + 1 && near(again.box.x, source.box.x), "it comes back to its place");
await figma.end();
