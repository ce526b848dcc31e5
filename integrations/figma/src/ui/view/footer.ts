/** How the daemon is reached, and letting go of it. */
import { h } from "../../../../web/core/dom.js";
import { isPort } from "../kept.ts";
import type { Whole } from "./view.ts";

export function footer({ panel, unpair, leave }: Whole): HTMLElement {
  const port = h("input", { id: "daemon-port", type: "number", class: "number", min: "1", max: "65535", value: String(panel.settings.port), "aria-describedby": "port-note" });
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const wanted = port.valueAsNumber;
    if (!isPort(wanted) || wanted === panel.settings.port) return;
    panel.settings = { ...panel.settings, port: wanted };
    void panel.bridge.call("keep", { name: "settings", value: panel.settings }).then(leave, (error) => panel.fail(error));
  };
  return h(
    "details",
    { class: "part settings" },
    h("summary", null, h("h2", null, "Connection")),
    h("form", { class: "row", on: { submit } }, h("label", { for: "daemon-port" }, "Port"), port, h("button", { type: "submit" }, "Use")),
    h("p", { class: "line dim", id: "port-note" }, "The plugin's manifest names the port too, under devAllowedDomains: another one has to stand in both."),
    h("button", { type: "button", on: { click: unpair } }, "Unpair"),
    h("p", { class: "line dim" }, "Forgets the token that Figma keeps on this computer."),
  );
}
