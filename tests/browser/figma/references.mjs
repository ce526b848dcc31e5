/** Further selected layers are references; they can be kept, ordered, saved as a set, and they reach the model. */
import { check } from "../lib/browser.mjs";
import { Daemon } from "../lib/daemon.mjs";
import { openHost } from "./host/host.mjs";

const daemon = await Daemon.start();
const figma = await openHost(daemon);
const photo = await figma.image("tests/data/chelsea.png", { name: "Chelsea" });
const style = await figma.image("tests/data/coffee.png", { name: "Coffee", relativeTransform: [[1, 0, 500], [0, 1, 0]] });
const other = await figma.image("tests/data/astronaut.png", { name: "Astronaut", relativeTransform: [[1, 0, 0], [0, 1, 450]] });
await figma.select(photo, style, other);
await figma.start();
check((await figma.ui.locator(".layer select").evaluateAll((all) => all.map((it) => /** @type {HTMLSelectElement} */ (it).value)).then(String)) === "source,reference,reference", "further pictures are references");

// A model that takes none is not hindered by them; one that needs some can be taken.
await figma.only("Invert");
await figma.ui.locator(".line", { hasText: "No ticked model takes references." }).waitFor();
// They hinder nobody.
await figma.ui.locator("button.go:enabled").waitFor();
await figma.only("Fixture same-8");
await figma.go();
await figma.made(1);
const [first] = (await daemon.call("transform.list", {})).transforms;
check(first.ask.references.length === 2, "both references were sent");
const sizes = await Promise.all(first.ask.references.map(async (/** @type {string} */ blob) => (await (await daemon.fetch(`/v1/blobs/${blob}/info`)).json()).picture));
check(sizes[0].width === 600 && sizes[0].height === 400 && sizes[1].width === 512, "with the pixels of their pictures");

// Kept, they stay when the selection goes on.
await figma.ui.getByRole("button", { name: "Keep the selected ones" }).click();
const kept = figma.ui.locator(".references li");
await kept.nth(1).waitFor();
await figma.select(photo);
await figma.ui.locator(".layer").nth(1).waitFor({ state: "detached" });
check((await kept.count()) === 2, "kept references do not hang on the selection");
const titles = () => kept.locator("button").evaluateAll((all) => all.map((it) => it.getAttribute("title")));
check(String(await titles()) === "Take Coffee out,Take Astronaut out", "in the order of the layers");
await kept.first().locator("button").press("ArrowRight");
check(String(await titles()) === "Take Astronaut out,Take Coffee out", "arrow keys move one");
await kept.last().dragTo(kept.first());
check(String(await titles()) === "Take Coffee out,Take Astronaut out", "and so does dragging");

// A set is there for all editors.
await figma.ui.getByLabel("Name of the set").fill("Moods");
await figma.ui.getByRole("button", { name: "Save as set" }).click();
await figma.ui.locator(".action p", { hasText: "Saved the reference set Moods" }).waitFor();
check((await daemon.call("reference.list")).sets[0].references.length === 2, "the daemon keeps the set");
await kept.first().locator("button").click();
await kept.first().locator("button").click();
await kept.first().waitFor({ state: "detached" });
await figma.ui.getByLabel("Reference set").selectOption("Moods");
await kept.nth(1).waitFor();
await figma.go();
await figma.made(2);
const [second] = (await daemon.call("transform.list", {})).transforms;
check(String(second.ask.references) === String(first.ask.references), "the same pictures are sent again");
// Kept between sessions.
await figma.page.waitForFunction(() => /** @type {any} */ (globalThis).host.storage.get("settings")?.draft?.references.length === 2);
await figma.start();
await kept.nth(1).waitFor();
await figma.end();
