/** What is said where nothing answers: what it may be, in plain words, and the ways that work meanwhile. */
import { command } from "../../../web/core/command.js";
import { fill, h } from "../../../web/core/dom.js";
import { portField } from "./asking.ts";
import { PORT, isPort } from "./kept.ts";
import { baseOf, type Blocked } from "./reach.ts";

/** The two clicks that let Figma's page reach this computer. The words are Chrome's own. */
export function twoClicks(): HTMLElement {
  return h(
    "ol",
    { class: "clicks" },
    h("li", null, "Click the icon left of the address, above."),
    h("li", null, "Switch on ", h("b", null, "Apps on device"), " (Chrome before 145: ", h("b", null, "Local network access"), ")."),
  );
}

/** Shown until something answers. */
export function connecting(place: HTMLElement): { asking: () => void } {
  const said = h("p", { class: "empty", role: "status" }, "Looking for Easel on this computer");
  fill(place, said);
  return {
    asking: () => {
      said.textContent = "Your browser may be asking whether Figma may reach apps on this device. Easel is one: allow it.";
    },
  };
}

interface Ways {
  /** Ends when it is to be tried again by itself. */
  again: () => Promise<void>;
  /** Opens an address in a tab. */
  open: (url: string) => void;
}

let shown = "";

/** Says what is wrong and waits until it is to be tried again; gives the port to try. */
export async function away(place: HTMLElement, blocked: Blocked, port: number, ways: Ways): Promise<number> {
  let chosen = port;
  const pressed = new Promise<void>((resolve) => {
    const about = JSON.stringify([blocked, port]);
    // The same is not said anew every few seconds: whoever reads it, or types in it, is left in peace.
    const same = shown === about && place.querySelector(".away");
    const retry = (next: number) => {
      chosen = next;
      resolve();
    };
    handlers.retry = retry;
    if (same) return;
    shown = about;
    fill(place, view(blocked, port, ways));
  });
  await Promise.race([pressed, ways.again()]);
  return chosen;
}

const handlers: { retry: (port: number) => void } = { retry: () => {} };

function view(blocked: Blocked, port: number, { open }: Ways): HTMLElement {
  const causes = causesOf(blocked, port);
  return h(
    "section",
    { class: "away", "aria-labelledby": "away-title" },
    h("div", { role: "alert" }, h("h1", { id: "away-title" }, blocked.manifest ? "Figma blocks this port" : "Easel does not answer")),
    causes.length > 1 && h("p", null, "It is one of these:"),
    causes,
    h("h2", null, "Go on without it"),
    h("p", null, "Open Easel's page, transform a picture there, press Copy, and paste it into Figma."),
    h("button", { type: "button", on: { click: () => open(`${baseOf(port)}/`) } }, "Open Easel's page"),
    portField("port", port, "Try again", (wanted) => isPort(wanted) && handlers.retry(wanted)),
  );
}

/** What it may be, the likeliest first. */
function causesOf(blocked: Blocked, port: number): HTMLElement[] {
  if (blocked.manifest) return [manifest(port)];
  if (blocked.permission === "granted") return [stopped()];
  return blocked.browser ? [browser(blocked), stopped()] : [stopped(), browser(blocked)];
}

function stopped(): HTMLElement {
  return h("div", { class: "cause" }, h("h2", null, "It is not running"), h("p", null, "Any command of Easel starts it:"), command("easel serve"));
}

function browser({ permission }: Blocked): HTMLElement {
  const asked =
    permission === "prompt"
      ? "The browser asks before Figma may reach this computer, and nobody has said yes."
      : "The browser may keep Figma from reaching this computer.";
  return h("div", { class: "cause" }, h("h2", null, "The browser blocks it"), h("p", null, `${asked} In Chrome two clicks allow it:`), twoClicks());
}

function manifest(port: number): HTMLElement {
  return h(
    "div",
    { class: "cause" },
    h(
      "p",
      null,
      "The plugin's manifest names the one address that it may reach, and this is another. Go back to port ",
      h("b", null, String(PORT)),
      ", or write this into manifest.json under devAllowedDomains and run the plugin again:",
    ),
    command(baseOf(port)),
  );
}
