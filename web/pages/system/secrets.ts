import { type Html, html } from "#pkg/html/html.ts";
import type { SecretMetadata } from "#pkg/secret/port.ts";
import { stateWord } from "../../components/states.ts";
import type { Ui } from "../../components/ui.ts";
import { age, moment } from "../../components/values.ts";

/** As health does: from then on it is worth a colour. */
const soonMs = 14 * 86_400_000;

/** What may be known of secrets: never their values. */
export function secretTable(ui: Ui, secrets: readonly SecretMetadata[]): Html {
  return html`<table class="table list-table"><thead><tr><th>${ui.t("tokens.name")}</th><th class="num">${ui.t("secrets.version")}</th><th>${ui.t("secrets.changed")}</th><th>${ui.t("secrets.ends")}</th></tr></thead><tbody>${secrets.map(
    (secret) =>
      html`<tr><td class="device-text" data-label="${ui.t("tokens.name")}">${secret.name}</td><td class="num" data-label="${ui.t("secrets.version")}">${ui.format.number(secret.version)}</td><td data-label="${ui.t("secrets.changed")}">${age(ui, secret.updatedAt)}</td><td data-label="${ui.t("secrets.ends")}"><span>${ending(ui, secret.expiresAt)}</span></td></tr>`,
  )}</tbody></table>`;
}

function ending(ui: Ui, expiresAt: number | null): Html {
  if (expiresAt === null || expiresAt - ui.now > soonMs) return moment(ui, expiresAt);
  const word = stateWord(ui.t(expiresAt <= ui.now ? "secrets.expired" : "secrets.soon"), "warning");
  return html`${word} ${moment(ui, expiresAt)}`;
}
