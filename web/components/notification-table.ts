import type { Notification } from "#internal/notifier/contract.ts";
import { type Html, html } from "#pkg/html/html.ts";
import { stateWord } from "./states.ts";
import type { Ui } from "./ui.ts";
import { age } from "./values.ts";

const tones = { queued: "open", sent: "normal", failed: "warning", suppressed: "off" } as const;

/** Who was told by which channel, and what the other side answered. */
export function notificationTable(ui: Ui, list: readonly Notification[]): Html {
  return html`<table class="table list-table"><thead><tr><th>${ui.t("notification.when")}</th><th>${ui.t("notification.who")}</th><th>${ui.t("notification.channel")}</th><th>${ui.t("notification.what")}</th><th>${ui.t("notification.state")}</th><th>${ui.t("notification.answer")}</th></tr></thead><tbody>${list.map(
    (one) =>
      html`<tr><td data-label="${ui.t("notification.when")}">${age(ui, one.createdAt)}</td><td data-label="${ui.t("notification.who")}">${one.contactName}</td><td data-label="${ui.t("notification.channel")}">${one.channel}</td><td data-label="${ui.t("notification.what")}">${ui.t(`notification.${one.status}`)}</td><td data-label="${ui.t("notification.state")}">${stateWord(ui.t(`notification.${one.state}`), tones[one.state])}</td><td class="device-text small" data-label="${ui.t("notification.answer")}">${answer(one)}</td></tr>`,
  )}</tbody></table>`;
}

function answer(one: Notification): string {
  const last = one.attempts.at(-1);
  const said = last === undefined ? "" : `${last.status} ${last.detail}`;
  return (
    [one.reason, said, one.attempts.length > 1 ? `×${one.attempts.length}` : null].filter(Boolean).join(" · ") || "–"
  );
}
