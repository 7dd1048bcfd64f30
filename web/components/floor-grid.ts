import type { DeviceState } from "#internal/inventory/contract.ts";
import { type Html, html, nothing } from "#pkg/html/html.ts";
import type { Ui } from "./ui.ts";

/** A device on the floor, with the worst alarm that is open on it. */
export interface PlacedDevice {
  id: string;
  key: string;
  name: string;
  kind: string;
  state: DeviceState;
  paused: boolean;
  alert: { level: "info" | "warning" | "critical"; name: string; unacknowledged: boolean; covered: boolean } | null;
}

/** One rack: its two power feeds, and what else stands there. */
export interface Rack {
  name: string;
  left: readonly PlacedDevice[];
  right: readonly PlacedDevice[];
  other: readonly PlacedDevice[];
}

/** A floor as a grid: `cells[line][place]`, null where nothing stands. */
export interface Floor {
  lineNames: readonly string[];
  placeNames: readonly string[];
  cells: readonly (readonly (Rack | null)[])[];
  /** Devices of the room without a rack that fits rows of letters and columns of numbers. */
  elsewhere: readonly PlacedDevice[];
}

const shapes = { critical: "◆", warning: "▲", info: "●" } as const;

/** The floor of a room: grey while normal, empty places pale, every device one click away. Scrolls inside itself. */
export function floorGrid(ui: Ui, floor: Floor): Html {
  const table =
    floor.lineNames.length === 0
      ? nothing
      : html`<div class="floor-scroll" tabindex="0" role="group" aria-label="${ui.t("floor.title")}"><table class="floor"><thead><tr><td></td>${floor.placeNames.map((name) => html`<th scope="col">${name}</th>`)}</tr></thead><tbody>${floor.cells.map(
          (line, index) =>
            html`<tr><th scope="row">${floor.lineNames[index]}</th>${line.map((rack) => rackCell(ui, rack))}</tr>`,
        )}</tbody></table></div>`;
  return html`${table}${floor.elsewhere.length === 0 ? nothing : html`<h3 class="h6 mt-3">${ui.t("floor.elsewhere")}</h3><div class="floor-elsewhere">${floor.elsewhere.map((device) => html`<span class="floor-other">${deviceMark(ui, device, device.name)}</span>`)}</div>`}`;
}

/** What the marks mean. */
export function floorLegend(ui: Ui): Html {
  const levels = (["critical", "warning", "info"] as const).map(
    (level) =>
      html`<span><span class="mark mark-${level}" aria-hidden="true">${shapes[level]}</span> ${ui.t(`level.${level}`)}</span>`,
  );
  return html`<details class="mt-3"><summary>${ui.t("floor.legend")}</summary><p class="floor-legend">${levels}<span><span class="mark mark-silent" aria-hidden="true">?</span> ${ui.t("device.silent")}</span><span><span class="mark mark-open" aria-hidden="true">…</span> ${ui.t("floor.notYet")}</span><span><span class="mark mark-normal" aria-hidden="true"></span> ${ui.t("floor.normal")}</span></p></details>`;
}

function rackCell(ui: Ui, rack: Rack | null): Html {
  if (rack === null) return html`<td class="rack rack-empty"></td>`;
  const sides = [
    ["L", rack.left],
    ["R", rack.right],
  ] as const;
  return html`<td class="rack"><span class="rack-sides">${sides.map(([side, devices]) => (devices.length === 0 ? html`<span class="mark mark-none" aria-hidden="true"></span>` : devices.map((device) => deviceMark(ui, device, side))))}${rack.other.map((device) => deviceMark(ui, device, "·"))}</span></td>`;
}

function deviceMark(ui: Ui, device: PlacedDevice, label: string): Html {
  const { tone, shape, word } = toMark(ui, device);
  const pulsing = device.alert?.unacknowledged === true && !device.alert.covered ? "level-unacknowledged" : "";
  const title = `${device.name} · ${word}`;
  return html`<a class="mark mark-${tone} ${pulsing}" href="/devices/${device.id}" title="${title}" aria-label="${title}">${label.length > 1 ? [shape, label].join(" ") : shape === "" ? label : shape}</a>`;
}

function toMark(ui: Ui, device: PlacedDevice): { tone: string; shape: string; word: string } {
  const { alert, state, paused } = device;
  if (alert !== null && !alert.covered)
    return { tone: alert.level, shape: shapes[alert.level], word: `${ui.t(`level.${alert.level}`)}: ${alert.name}` };
  if (paused) return { tone: "off", shape: "", word: ui.t("device.paused") };
  if (state === "silent" || state === "vanished") return { tone: "silent", shape: "?", word: ui.t(`device.${state}`) };
  if (state === "online") return { tone: "normal", shape: "", word: ui.t("floor.normal") };
  return { tone: "open", shape: "…", word: ui.t(`device.${state}`) };
}
