import type { Rollout } from "#internal/autodeploy/contract.ts";
import type { DeviceState } from "#internal/inventory/contract.ts";
import { type Html, html } from "#pkg/html/html.ts";
import type { Ui } from "./ui.ts";

const deviceTone: Readonly<Record<DeviceState, string>> = {
  discovered: "state-open",
  accepted: "state-open",
  validated: "state-open",
  deployed: "state-open",
  online: "state-normal",
  silent: "state-warning",
  vanished: "state-warning",
  rejected: "state-off",
};

/** A device's state in a word; coloured only when it is abnormal. */
export function deviceState(ui: Ui, state: DeviceState, paused: boolean): Html {
  const tone = paused ? "state-off" : deviceTone[state];
  return html`<span class="state-word ${tone}">${ui.t(paused ? "device.paused" : `device.${state}`)}</span>`;
}

/** How far a rollout is, or how it ended. */
export function rolloutState(ui: Ui, state: Rollout["state"]): Html {
  const tone =
    state === "failed" || state === "rolled_back"
      ? "state-warning"
      : state === "applied"
        ? "state-normal"
        : "state-open";
  return html`<span class="state-word ${tone}">${ui.t(`rollout.${state}`)}</span>`;
}

/** Health or a process in a word, with the same sparing colours. */
export function stateWord(label: string, tone: "normal" | "open" | "warning" | "critical" | "off"): Html {
  return html`<span class="state-word state-${tone}">${label}</span>`;
}
