import { type Html, html, nothing, withQuery } from "#pkg/html/html.ts";
import { breadcrumb } from "../../components/breadcrumb.ts";
import { floorGrid, floorLegend } from "../../components/floor-grid.ts";
import { level } from "../../components/level.ts";
import { emptyState, panel } from "../../components/panel.ts";
import type { Ui } from "../../components/ui.ts";
import type { GridStatusData, RoomSummary } from "./data.ts";

/** Rooms, and the floor of one: where is it wrong? */
export function gridStatusView(data: GridStatusData, ui: Ui): Html {
  if (data.room !== null) return roomView(ui, data.room);
  if (data.rooms === null) return nothing;
  return html`<h1 class="page-title">${ui.t("title")}</h1>
${panel(ui, {
  id: "rooms",
  title: ui.t("rooms.title"),
  live: "values",
  part: data.rooms,
  empty: {
    when: (rooms) => rooms.length === 0,
    show: emptyState(ui.t("rooms.none"), { href: "/find", label: ui.t("rooms.step") }),
  },
  body: (rooms) => html`<ul class="rooms">${rooms.map((room) => roomCard(ui, room))}</ul>`,
})}`;
}

function roomCard(ui: Ui, room: RoomSummary): Html {
  return html`<li><a class="room ${room.level === null ? "" : `room-${room.level}`}" href="${withQuery("/grid-status", { room: room.place })}">
  <span class="room-name device-text">${room.place.split("/").join(" / ")}</span>
  <span class="room-count">${ui.t("rooms.devices", { n: room.devices })}</span>
  <span class="room-state">${room.level === null ? nothing : html`${level(ui, room.level)} `}${room.abnormal === 0 ? html`<span class="text-body-secondary">${ui.t("rooms.normal")}</span>` : ui.t("rooms.abnormal", { n: room.abnormal })}</span>
</a></li>`;
}

function roomView(ui: Ui, room: NonNullable<GridStatusData["room"]>): Html {
  const name = room.place.split("/").join(" / ");
  const turn = withQuery("/grid-status", { room: room.place, turn: room.turned ? undefined : 90 });
  return html`${breadcrumb(ui.t("way"), [{ label: ui.t("title"), href: "/grid-status" }, { label: name }])}
<div class="page-head"><h1 class="page-title device-text">${name}</h1><div class="page-tools"><a class="btn btn-sm btn-outline-secondary" href="${turn}">${ui.icon("arrow-clockwise")} ${ui.t("floor.turn")}</a></div></div>
${panel(ui, {
  id: "floor",
  title: ui.t("floor.title"),
  live: "values",
  part: room.floor,
  empty: {
    when: (floor) => floor.lineNames.length === 0 && floor.elsewhere.length === 0,
    show: emptyState(ui.t("floor.none"), { href: "/grid-status", label: ui.t("title") }),
  },
  body: (floor) => html`${floorGrid(ui, floor)}${floorLegend(ui)}`,
})}`;
}
