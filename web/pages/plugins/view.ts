import { type Html, html, nothing } from "#pkg/html/html.ts";
import { configLines } from "../../components/config-lines.ts";
import { emptyState, panel } from "../../components/panel.ts";
import { stateWord } from "../../components/states.ts";
import { systemTabs } from "../../components/system-tabs.ts";
import { trouble } from "../../components/trouble.ts";
import type { Ui } from "../../components/ui.ts";
import { age } from "../../components/values.ts";
import type { PluginRow, PluginsData } from "./data.ts";

const calls = { enable: "enable", retry: "enable", disable: "disable", forget: "disable" } as const;
const icons = { enable: "play-fill", retry: "arrow-clockwise", disable: "pause-fill", forget: "trash" } as const;
const pluginFiles = [
  ["plugin.json", "folders.manifest"],
  ["index.js", "folders.code"],
] as const;
const sample = ["[plugins]", 'folders = ["/opt/detectviz/plugins"]'];

/** What adds ways to tell people and to find devices. */
export function pluginsView(data: PluginsData, ui: Ui): Html {
  return html`<h1 class="page-title">${ui.t("title")}</h1>
${systemTabs(ui, "plugins")}
${panel(ui, { id: "plugins", title: ui.t("all"), icon: "sliders", live: "hold", part: data.plugins, flush: true, empty: { when: (rows) => rows.length === 0, show: emptyState(ui.t("none")) }, body: (rows) => pluginTable(ui, rows) })}
${panel(ui, { id: "folders", title: ui.t("folders"), tools: html`<a class="btn btn-sm btn-outline-secondary" href="/help/plugins">${ui.icon("question-circle")} ${ui.t("help")}</a>`, part: data.folders, body: ({ folders, configFile }) => (folders.length === 0 ? howToAdd(ui, configFile) : folderList(ui, folders)) })}`;
}

function pluginTable(ui: Ui, rows: readonly PluginRow[]): Html {
  return html`<table class="table list-table"><thead><tr><th>${ui.t("plugin.name")}</th><th>${ui.t("plugin.from")}</th><th>${ui.t("plugin.state")}</th><th>${ui.t("plugin.reason")}</th><th><span class="visually-hidden">${ui.t("plugin.tools")}</span></th></tr></thead><tbody>${rows.map(
    (row) =>
      html`<tr><td class="device-text" data-label="${ui.t("plugin.name")}"><span>${row.id}${row.version === null ? nothing : html` <span class="text-body-secondary">${row.version}</span>`}<br><span class="small text-body-secondary">${ui.t(`kind.${row.kind}`)}</span></span></td><td class="device-text" data-label="${ui.t("plugin.from")}">${row.from === "folder" ? row.source : ui.t(`from.${row.from}`)}</td><td data-label="${ui.t("plugin.state")}"><span>${pluginState(ui, row)}<br><span class="small text-body-secondary">${age(ui, row.since)}</span></span></td><td class="device-text" data-label="${ui.t("plugin.reason")}"><div>${row.reason === null ? "–" : trouble(ui, row.reason)}</div></td><td class="list-tools">${row.actions.map((action) => actionButton(ui, row, action))}</td></tr>`,
  )}</tbody></table>`;
}

function pluginState(ui: Ui, { state, reason }: PluginRow): Html {
  if (state === "disabled") return stateWord(ui.t("state.disabled"), "off");
  if (state === "off") return stateWord(ui.t("state.off"), "warning");
  return reason === null ? stateWord(ui.t("state.enabled"), "normal") : stateWord(ui.t("state.older"), "warning");
}

function actionButton(ui: Ui, { kind, id }: PluginRow, action: PluginRow["actions"][number]): Html {
  const path = `/api/v1/plugins/${encodeURIComponent(kind)}/${encodeURIComponent(id)}/${calls[action]}`;
  // one id for a switch and its undoing, so that the focus stays on it
  const place = action === "retry" ? "retry" : "switch";
  const question = action === "disable" ? `disable.${kind}` : `ask.${action}`;
  return html`<button type="button" class="btn btn-sm btn-outline-secondary" id="${place}-${kind}-${id}" data-api="POST ${path}" data-confirm="${ui.t(question, { name: id })}" aria-label="${ui.t(`act.${action}`)}: ${id}">${ui.icon(icons[action])} ${ui.t(`act.${action}`)}</button> `;
}

function folderList(ui: Ui, folders: readonly string[]): Html {
  return html`<p>${ui.t("folders.watched")}</p><ul class="plain">${folders.map((folder) => html`<li class="device-text"><code>${folder}</code></li>`)}</ul>`;
}

function howToAdd(ui: Ui, configFile: string): Html {
  return html`<p>${ui.t("folders.none", { file: configFile })}</p>${configLines(ui.t("folders.lines"), sample)}
<p>${ui.t("folders.each")}</p><ul class="mb-0">${pluginFiles.map(([file, key]) => html`<li><code>${file}</code> ${ui.t(key)}</li>`)}</ul>`;
}
