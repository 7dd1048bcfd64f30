import { type Html, html, nothing } from "#pkg/html/html.ts";
import { facts } from "../../components/facts.ts";
import { emptyState, panel } from "../../components/panel.ts";
import { progressBar } from "../../components/progress.ts";
import { stateWord } from "../../components/states.ts";
import { systemTabs } from "../../components/system-tabs.ts";
import type { Ui } from "../../components/ui.ts";
import { age, moment } from "../../components/values.ts";
import type { SystemData } from "./data.ts";
import { partTable } from "./parts.ts";
import { secretTable } from "./secrets.ts";

type Telegraf = Extract<SystemData["telegraf"], { ok: true }>["data"];
type Tokens = Extract<NonNullable<SystemData["tokens"]>, { ok: true }>["data"];

const unitTones = {
  stopped: "off",
  starting: "open",
  running: "normal",
  backing_off: "warning",
  failed: "critical",
} as const;
const binaryTones = { looking: "open", building: "open", ready: "normal", missing: "warning" } as const;

/** Detectviz itself. */
export function systemView(data: SystemData, ui: Ui): Html {
  return html`<h1 class="page-title">${ui.t("title")}</h1>
${systemTabs(ui, "health")}
${panel(ui, { id: "health", title: ui.t("health.title"), live: "values", part: data.health, flush: true, body: ({ parts }) => partTable(ui, parts, data.adapters) })}
${panel(ui, { id: "telegraf", title: ui.t("telegraf.title"), live: "values", part: data.telegraf, body: (telegraf) => telegrafUnits(ui, telegraf, data.mayRestart) })}
${panel(ui, {
  id: "ingest",
  title: ui.t("ingest.title"),
  live: "values",
  part: data.ingest,
  body: (stats) =>
    facts([
      [ui.t("ingest.rate"), `${ui.format.number(stats.rate)} /s`],
      [ui.t("ingest.lines"), ui.format.number(stats.lines)],
      [ui.t("ingest.values"), ui.format.number(stats.values)],
      [ui.t("ingest.rejected"), ui.format.number(stats.rejected)],
      [ui.t("ingest.queue"), progressBar(ui, stats.queueShare, ui.t("ingest.queue"))],
      [ui.t("ingest.last"), age(ui, stats.lastArrivalMs)],
    ]),
})}
${data.tokens === null ? nothing : panel(ui, { id: "tokens", title: ui.t("tokens.title"), icon: "key", part: data.tokens, flush: true, tools: html`<button type="button" class="btn btn-sm btn-primary" data-dialog="new-token">${ui.icon("plus-lg")} ${ui.t("tokens.new")}</button>`, empty: { when: (list) => list.length === 0, show: emptyState(ui.t("tokens.none")) }, body: (list) => tokenTable(ui, list) })}
${data.secrets === null ? nothing : panel(ui, { id: "secrets", title: ui.t("secrets.title"), icon: "shield-lock", live: "values", part: data.secrets, flush: true, empty: { when: (list) => list.length === 0, show: emptyState(ui.t("secrets.none")) }, body: (list) => secretTable(ui, list) })}
${data.tokens === null ? nothing : newToken(ui)}`;
}

function telegrafUnits(ui: Ui, { binary, units }: Telegraf, mayRestart: boolean): Html {
  return html`${facts([
    [ui.t("binary.state"), stateWord(ui.t(`binary.${binary.state}`), binaryTones[binary.state])],
    [ui.t("binary.version"), binary.version],
    [ui.t("binary.path"), binary.path],
    [ui.t("binary.detail"), binary.detail],
  ])}
${units.length === 0 ? html`<p class="text-body-secondary">${ui.t("units.none")}</p>` : units.map((unit) => unitCard(ui, unit, mayRestart))}`;
}

function unitCard(ui: Ui, unit: Telegraf["units"][number], mayRestart: boolean): Html {
  return html`<section class="unit"><div class="unit-head"><h3 class="h6 mb-0">${unit.id}</h3>${stateWord(ui.t(`unit.${unit.state}`), unitTones[unit.state])}<span class="text-body-secondary small">${ui.t("units.facts", { n: unit.devices.length, pid: unit.pid ?? "–", restarts: unit.restarts })}</span><span class="text-body-secondary small">${age(ui, unit.startedAt)}</span>${
    mayRestart
      ? html`<button type="button" class="btn btn-sm btn-outline-secondary" data-api="POST /api/v1/telegraf-units/${unit.id}/restart" data-confirm="${ui.t("units.restartConfirm", { n: unit.devices.length })}">${ui.icon("arrow-clockwise")} ${ui.t("units.restart")}</button>`
      : nothing
  }</div>
${unit.lastError === null ? nothing : html`<p class="refusal device-text">${unit.lastError}</p>`}
<details><summary>${ui.t("units.log", { n: unit.log.length })}</summary><pre class="code" tabindex="0">${unit.log.slice(-200).join("\n")}</pre></details></section>`;
}

function tokenTable(ui: Ui, tokens: Tokens): Html {
  return html`<table class="table list-table"><thead><tr><th>${ui.t("tokens.name")}</th><th>${ui.t("tokens.role")}</th><th>${ui.t("tokens.made")}</th><th>${ui.t("tokens.ends")}</th><th>${ui.t("tokens.used")}</th><th><span class="visually-hidden">${ui.t("tokens.revoke")}</span></th></tr></thead><tbody>${tokens.map(
    (token) =>
      html`<tr><td data-label="${ui.t("tokens.name")}">${token.name}</td><td data-label="${ui.t("tokens.role")}">${ui.t(`role.${token.role}`)}</td><td data-label="${ui.t("tokens.made")}">${moment(ui, token.createdAt)}</td><td data-label="${ui.t("tokens.ends")}">${moment(ui, token.expiresAt)}</td><td data-label="${ui.t("tokens.used")}">${age(ui, token.lastUsedAt)}</td><td class="list-tools"><button type="button" class="btn btn-sm btn-outline-secondary" data-api="DELETE /api/v1/tokens/${token.id}" data-then="reload" data-confirm="${ui.t("tokens.revokeConfirm", { name: token.name })}" aria-label="${ui.t("tokens.revoke")} ${token.name}">${ui.icon("trash")}</button></td></tr>`,
  )}</tbody></table>`;
}

function newToken(ui: Ui): Html {
  const roles = ["ingest", "viewer", "operator", "engineer", "admin"];
  return html`<dialog class="sheet" id="new-token" aria-labelledby="new-token-title"><h2 class="h5" id="new-token-title">${ui.t("tokens.new")}</h2>
<form data-api="POST /api/v1/tokens" data-show="token" data-quiet>
  <label class="form-label" for="token-name">${ui.t("tokens.name")}</label><input class="form-control mb-3" id="token-name" name="name" maxlength="100" required>
  <label class="form-label" for="token-role">${ui.t("tokens.role")}</label><select class="form-select mb-3" id="token-role" name="role">${roles.map((role) => html`<option value="${role}">${ui.t(`role.${role}`)}</option>`)}</select>
  <p class="refusal" role="alert" data-refusal hidden></p>
  <output class="secret" data-shown hidden aria-label="${ui.t("tokens.once")}"></output><p class="form-text">${ui.t("tokens.once")}</p>
  <div class="sheet-tools"><button class="btn btn-primary">${ui.t("tokens.new")}</button><button type="button" class="btn btn-outline-secondary" data-close>${ui.t("keys.close")}</button></div>
</form></dialog>`;
}
