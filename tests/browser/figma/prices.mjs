/** What it costs stands on the button before anything is sent; what costs is never begun by a click on something else. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { check } from "../lib/browser.mjs";
import { Daemon } from "../lib/daemon.mjs";
import { openHost } from "./host/host.mjs";

const daemon = await Daemon.start();
await daemon.kill();
// A person's own catalogue gives two of the plugins a price.
const models = join(daemon.data, "config/models");
mkdirSync(models, { recursive: true });
writeFileSync(join(models, "invert.toml"), '[[models]]\nid = "invert"\nprice = { per_picture = 0.07, currency = "USD", as_of = "2026-11-01" }\n');
writeFileSync(join(models, "same.toml"), '[[models]]\nid = "same-8"\nprice = { per_picture = 0.04, per_reference = 0.01, currency = "USD", as_of = "2026-11-01" }\n');
await daemon.startAgain();
const figma = await openHost(daemon);
const photo = await figma.image("tests/data/coffee.png", { name: "Coffee" });
const style = await figma.image("tests/data/chelsea.png", { name: "Chelsea", relativeTransform: [[1, 0, 700], [0, 1, 0]] });
await figma.select(photo);
await figma.start();
const button = (/** @type {string} */ text) => figma.ui.locator("button.go", { hasText: text }).waitFor();

await figma.only("Invert");
await button("Transform · 0.07 USD");
await figma.ui.locator(".model", { hasText: "Invert" }).locator(".chip", { hasText: "0.07 USD" }).waitFor();
await figma.ui.getByLabel("Compare with Fixture same-8", { exact: true }).check();
await button("Transform · 2 models · 0.11 USD");
// A reference is for the one that takes it, and only that one charges for it.
await figma.select(photo, style);
await button("Transform · 2 models · 0.12 USD");
await figma.select(photo);
await figma.ui.getByLabel("Compare with Fixture same-8", { exact: true }).uncheck();
await button("Transform · 0.07 USD");
check((await daemon.call("transform.list", {})).transforms.length === 0, "nothing is sent for a price");

await figma.go();
const [made] = await figma.made(1);
await figma.ui.locator(".result .number", { hasText: "0.07 USD" }).waitFor();
await figma.host("close");

// Re-run of what costs shows the price and waits for a person.
await figma.select(made.id);
await figma.start("re-run");
await figma.ui.locator(".instead", { hasText: "Once more" }).waitFor();
await button("Re-run · 0.07 USD");
check((await daemon.call("transform.list", {})).transforms.length === 1, "nothing is paid for yet");
await figma.go();
await figma.made(2);
check((await daemon.call("transform.list", {})).transforms.length === 2, "pressed, it runs once");

// A model that cannot do what is asked is dimmed, with the reason, and nothing can be sent.
await figma.ui.locator("button.go", { hasText: "Transform" }).waitFor();
await figma.ui.locator(".intents button", { hasText: "Erase" }).click();
await figma.only("Fixture same-8");
await figma.ui.locator(".model.dimmed", { hasText: "Fixture same-8" }).locator(".why").waitFor();
await figma.ui.locator("#reason", { hasText: "Fixture same-8: " }).waitFor();
check(await figma.ui.locator("button.go").isDisabled(), "what cannot be done is not sent");
await figma.end();
