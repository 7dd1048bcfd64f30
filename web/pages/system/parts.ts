import type { PartReport } from "#internal/healthcheck/contract.ts";
import { type Html, html, nothing } from "#pkg/html/html.ts";
import { stateWord } from "../../components/states.ts";
import { trouble } from "../../components/trouble.ts";
import type { Ui } from "../../components/ui.ts";
import { age } from "../../components/values.ts";
import type { SiteFacts } from "../../services.ts";

export type NamedPart = PartReport & { name: string };

/** Parts whose names and meaning stand in the catalogue, with the page that tells more. */
const known = {
  sql: null,
  disk: null,
  bus: ["events", "/system/events"],
  tsdb: ["stores", "/system/stores"],
  ingest: null,
  rules: null,
  notifier: ["people", "/people"],
  telegraf: null,
  plugins: ["plugins", "/system/plugins"],
  profiles: null,
  config: null,
  http: null,
  demo: null,
  clock: null,
  telemetry: null,
  jobs: ["jobs", "/system/jobs"],
  cache: null,
  metric_stores: ["stores", "/system/stores"],
  secrets: null,
} as const;

const tones = { ok: "normal", degraded: "warning", down: "critical" } as const;

/** Every part of `/api/health`: how it is, since when, and what that means for people while it is not well. */
export function partTable(ui: Ui, parts: readonly NamedPart[], adapters: SiteFacts["adapters"] | null): Html {
  return html`<table class="table list-table"><thead><tr><th>${ui.t("health.part")}</th><th>${ui.t("health.status")}</th><th>${ui.t("health.detail")}</th><th>${ui.t("health.since")}</th></tr></thead><tbody>${parts.map(
    (part) =>
      html`<tr><td data-label="${ui.t("health.part")}"><span>${partName(ui, part.name, adapters)}</span></td><td data-label="${ui.t("health.status")}"><span>${stateWord(ui.t(`health.${part.status}`), tones[part.status])}</span></td><td class="device-text" data-label="${ui.t("health.detail")}"><div>${trouble(ui, part.detail)}${part.status === "ok" ? nothing : meaning(ui, part.name)}</div></td><td data-label="${ui.t("health.since")}">${age(ui, part.since)}</td></tr>`,
  )}</tbody></table>`;
}

function partName(ui: Ui, name: string, adapters: SiteFacts["adapters"] | null): Html {
  if (!isKnown(name)) return html`${name}`; // a part of a later version: its own name is better than none
  const adapter = name === "bus" || name === "cache" ? adapters?.[name] : undefined;
  return html`${ui.t(`name.${name}`)}<br><span class="small text-body-secondary"><code>${name}</code>${adapter === undefined ? nothing : html` · ${ui.t(`adapter.${adapter}`)}`}</span>`;
}

function meaning(ui: Ui, name: string): Html {
  if (!isKnown(name)) return nothing;
  const page = known[name];
  return html`<span class="mend">${ui.t(`mean.${name}`)}${page === null ? nothing : html` <a href="${page[1]}">${ui.t(`go.${page[0]}`)}</a>`}</span>`;
}

function isKnown(name: string): name is keyof typeof known {
  return Object.hasOwn(known, name);
}
