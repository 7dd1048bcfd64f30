import { type Html, html, nothing } from "#pkg/html/html.ts";
import { notificationTable } from "../../components/notification-table.ts";
import { emptyState, panel } from "../../components/panel.ts";
import { stateWord } from "../../components/states.ts";
import type { Ui } from "../../components/ui.ts";
import { sourceName } from "../../components/values.ts";
import type { ContactRow, PeopleData } from "./data.ts";

/** Who is told. */
export function peopleView(data: PeopleData, ui: Ui): Html {
  return html`<div class="page-head"><h1 class="page-title">${ui.t("title")}</h1><div class="page-tools">
  ${data.inboxUrl === null ? nothing : html`<a class="btn btn-sm btn-outline-secondary" href="${data.inboxUrl}" target="_blank" rel="noopener">${ui.icon("inbox")} ${ui.t("inbox")}</a>`}
  ${data.mayCreate ? html`<button type="button" class="btn btn-sm btn-primary" data-dialog="new-contact">${ui.icon("plus-lg")} ${ui.t("new")}</button>` : nothing}</div></div>
${panel(ui, { id: "contacts", title: ui.t("contacts.title"), part: data.contacts, flush: true, empty: { when: (list) => list.length === 0, show: emptyState(ui.t("contacts.none")) }, body: (list) => html`<table class="table list-table"><thead><tr><th>${ui.t("contacts.name")}</th><th>${ui.t("contacts.channels")}</th><th>${ui.t("contacts.groups")}</th><th>${ui.t("contacts.state")}</th><th><span class="visually-hidden">${ui.t("test")}</span></th></tr></thead><tbody>${list.map((contact) => contactRow(ui, contact, data.mayTest))}</tbody></table>` })}
<div id="test-answers" class="test-answers" role="status" aria-live="polite" data-sent="${ui.t("test.sent")}" data-refused="${ui.t("test.refused")}"></div>
${panel(ui, { id: "told", title: ui.t("told.title"), icon: "send", live: "hold", part: data.notifications, flush: true, empty: { when: (list) => list.length === 0, show: emptyState(ui.t("told.none")) }, body: (list) => notificationTable(ui, list) })}
${panel(ui, {
  id: "routes",
  title: ui.t("routes.title"),
  part: data.routes,
  flush: true,
  empty: { when: (list) => list.length === 0, show: emptyState(ui.t("routes.none")) },
  body: (list) =>
    html`<table class="table list-table"><thead><tr><th>${ui.t("routes.name")}</th><th>${ui.t("routes.matchers")}</th><th>${ui.t("routes.to")}</th></tr></thead><tbody>${list.map((route) => html`<tr><td data-label="${ui.t("routes.name")}">${route.name}</td><td class="device-text" data-label="${ui.t("routes.matchers")}">${route.matchers || ui.t("routes.everything")}</td><td data-label="${ui.t("routes.to")}">${route.to || ui.t("routes.everyone")}</td></tr>`)}</tbody></table>`,
})}
${data.mayCreate ? newContact(ui) : nothing}`;
}

function contactRow(ui: Ui, contact: ContactRow, mayTest: boolean): Html {
  const channels = contact.channels.map(
    (channel) =>
      html`<div class="device-text">${channel.type} <span class="text-body-secondary">${channel.target}${channel.minimumLevel === null ? nothing : html` · ${ui.t("contacts.from")} ${ui.t(`level.${channel.minimumLevel}`)}`}</span></div>`,
  );
  const state = contact.active
    ? stateWord(ui.t("contacts.active"), "normal")
    : stateWord(ui.t("contacts.inactive"), "off");
  return html`<tr><td class="device-text" data-label="${ui.t("contacts.name")}">${contact.name}${contact.source === null ? nothing : html`<br><span class="small text-body-secondary">${sourceName(contact.source)}</span>`}</td><td data-label="${ui.t("contacts.channels")}"><div>${channels}</div></td><td data-label="${ui.t("contacts.groups")}">${contact.groups.join(", ") || "–"}</td><td data-label="${ui.t("contacts.state")}">${state}</td><td class="list-tools">
  ${mayTest ? html`<button type="button" class="btn btn-sm btn-outline-secondary" data-api="POST /api/v1/contacts/${contact.id}/test" data-then="refresh" data-quiet data-test aria-label="${ui.t("test")} ${contact.name}">${ui.icon("send")} ${ui.t("test")}</button>` : nothing}
  ${contact.mayChange ? html`<button type="button" class="btn btn-sm btn-outline-secondary" data-api="DELETE /api/v1/contacts/${contact.id}" data-then="reload" data-confirm="${ui.t("remove.confirm", { name: contact.name })}" aria-label="${ui.t("remove")} ${contact.name}">${ui.icon("trash")}</button>` : nothing}</td></tr>`;
}

function newContact(ui: Ui): Html {
  return html`<dialog class="sheet" id="new-contact" aria-labelledby="new-contact-title"><h2 class="h5" id="new-contact-title">${ui.t("new")}</h2>
<form data-api="POST /api/v1/contacts" data-then="reload" data-contact>
  <label class="form-label" for="contact-name">${ui.t("contacts.name")}</label><input class="form-control mb-3" id="contact-name" name="name" maxlength="200" required>
  <label class="form-label" for="contact-email">${ui.t("form.email")}</label><input class="form-control" id="contact-email" name="email" type="email"><p class="form-text">${ui.t("form.emailHelp")}</p>
  <label class="form-label" for="contact-webhook">${ui.t("form.webhook")}</label><input class="form-control" id="contact-webhook" name="webhook" type="url" placeholder="https://"><p class="form-text">${ui.t("form.webhookHelp")}</p>
  <label class="form-label" for="contact-groups">${ui.t("contacts.groups")}</label><input class="form-control mb-3" id="contact-groups" name="groups" data-as="list">
  <p class="refusal" role="alert" data-refusal hidden></p>
  <div class="sheet-tools"><button class="btn btn-primary">${ui.t("form.save")}</button><button type="button" class="btn btn-outline-secondary" data-close>${ui.t("keys.close")}</button></div>
</form></dialog>`;
}
