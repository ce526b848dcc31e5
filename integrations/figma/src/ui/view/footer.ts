/** How the daemon is reached, and letting go of it. */
import { h } from "../../../../web/core/dom.js";
import { portField } from "../asking.ts";
import { isPort } from "../kept.ts";
import type { Whole } from "./view.ts";

export function footer({ panel, unpair, leave }: Whole): HTMLElement {
  const use = (wanted: number) => {
    if (!isPort(wanted) || wanted === panel.settings.port) return;
    panel.settings = { ...panel.settings, port: wanted };
    void panel.bridge.call("keep", { name: "settings", value: panel.settings }).then(leave, (error) => panel.fail(error));
  };
  return h(
    "details",
    { class: "part settings" },
    h("summary", null, h("h2", null, "Connection")),
    portField("daemon-port", panel.settings.port, "Use", use),
    h("p", { class: "line dim" }, "The plugin's manifest names the port too, under devAllowedDomains: another one has to stand in both."),
    h("button", { type: "button", on: { click: unpair } }, "Unpair"),
    h("p", { class: "line dim" }, "Forgets the token that Figma keeps on this computer."),
  );
}
