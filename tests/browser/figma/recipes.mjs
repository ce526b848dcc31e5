/** Recipes from the menu: several pictures arrive side by side in one step, one that cannot run is dimmed with the reason, a failure says what happened. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { check } from "../lib/browser.mjs";
import { Daemon } from "../lib/daemon.mjs";
import { near, openHost } from "./host/host.mjs";

const daemon = await Daemon.start();
const { folder } = await daemon.call("recipe.list");
mkdirSync(folder, { recursive: true });
writeFileSync(join(folder, "twice.easel.toml"), 'title = "Twice"\ndescription = "Inverts, and inverts again"\n\n[[step]]\nintent = "restyle"\nmodel = "invert"\n\n[[step]]\nintent = "restyle"\nmodel = "invert"\n');
writeFileSync(join(folder, "both.easel.toml"), 'title = "Both"\n\n[[step]]\nintent = "restyle"\nmodel = ["invert", "same-8"]\n');
writeFileSync(join(folder, "broken.easel.toml"), 'title = "Broken"\n\n[[step]]\nintent = "restyle"\nmodel = "no-such-model"\n');
const figma = await openHost(daemon);
const photo = await figma.image("tests/data/coffee.png", { name: "Coffee", relativeTransform: [[1, 0, 30], [0, 1, 20]], width: 300, height: 200 });
await figma.select(photo);
await figma.start();
const menu = figma.ui.locator("select[name=recipe]");
await menu.locator("option", { hasText: "Twice · 2 steps" }).waitFor({ state: "attached" });
check(await menu.locator("option", { hasText: "Broken" }).evaluate((it) => /** @type {HTMLOptionElement} */ (it).disabled), "one that cannot run is dimmed");

// One picture lies in place, and all that it decides is folded away.
await menu.selectOption({ label: (await menu.locator("option", { hasText: "Twice" }).textContent()) ?? "" });
await figma.ui.locator(".models").waitFor({ state: "hidden" });
await figma.ui.locator(".line", { hasText: "Inverts, and inverts again. Restyle → Restyle" }).waitFor();
await figma.ui.locator("button.go", { hasText: "Run recipe · 1 picture" }).click();
const [made] = await figma.made(1);
const source = await figma.host("about", photo);
check(made.index === source.index + 1 && near(made.box.x, source.box.x) && near(made.width, source.width), "it lies above its source");
check((await figma.pixels(made.id, 600)).data.equals((await figma.pixels(photo, 600)).data), "inverted twice it is what it was");
await figma.host("undo");
check((await figma.host("made")).length === 0, "one undo takes it back");

// Several lie side by side.
await menu.selectOption({ label: (await menu.locator("option", { hasText: "Both" }).textContent()) ?? "" });
await figma.ui.locator("button.go", { hasText: "Run recipe · 2 pictures" }).click();
const both = await figma.made(2);
check((await figma.host("about", both[0].parent)).name.startsWith("Recipe: Both") && both[0].parent === both[1].parent, "several lie in one frame with the recipe's name");
await figma.host("undo");
check((await figma.host("made")).length === 0, "one undo takes them back");

// None: what is set below counts again.
await menu.selectOption("");
await figma.ui.locator(".models").waitFor();
await figma.only("Fixture error-text");
await figma.go();
await figma.ui.locator(".action .failure").waitFor();
check((await figma.status()).startsWith("Fixture error-text: "), `a failure says whose: ${await figma.status()}`);
const card = figma.ui.locator(".result[data-state=failed]").first();
await card.getByRole("button", { name: /^Run again/ }).click();
await figma.ui.locator("button.go:enabled", { hasText: "Transform" }).waitFor();
check((await figma.host("made")).length === 0, "a failure places nothing");
await figma.end();
