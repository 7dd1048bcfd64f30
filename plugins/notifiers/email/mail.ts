import type { NotificationMessage, NotifiedAlert } from "#pkg/contracts/notifier.ts";
import { type Words, words } from "./words.ts";

/** What one message says, ready for the mail library. */
export interface MailText {
  subject: string;
  text: string;
  html: string;
}

/** Shown on top and not repeated among the labels. */
const ownLine = new Set(["alertname", "severity"]);

/** Subject, plain text and HTML of a message. Labels and annotations come from devices: one line each, HTML escaped. */
export function toMailText(message: NotificationMessage): MailText {
  const say = words[message.locale];
  const sections = message.alerts.map((alert) => toSection(alert, say));
  const note = message.test ? [say.testText] : [];
  return {
    subject: toSubject(message, say),
    text: [...note, ...sections.map(toPlain)].join("\n\n").concat("\n"),
    html: toDocument(message.locale, note, sections),
  };
}

function toSubject(message: NotificationMessage, say: Words): string {
  const alert = message.alerts.find((one) => one.status === message.status) ?? message.alerts[0];
  const mark = message.test ? say.test : message.status === "firing" ? levelOf(alert, say) : say.resolved;
  const where = alert?.labels["name"] ?? alert?.labels["device"];
  const name = alert?.labels["alertname"] ?? "";
  return oneLine(`[${mark}] ${name}${where ? ` · ${where}` : ""}`).slice(0, 200);
}

interface Section {
  title: string;
  /** Sentences of the rule. */
  lines: string[];
  facts: [label: string, value: string][];
  link: [label: string, url: string];
}

function toSection(alert: NotifiedAlert, say: Words): Section {
  const facts: [string, string][] = [[say.level, levelOf(alert, say)]];
  if (alert.value !== null) facts.push([say.value, String(Math.round(alert.value * 1000) / 1000)]);
  facts.push([say.began, toTime(alert.startsAt)]);
  if (alert.endsAt !== null) facts.push([say.ended, toTime(alert.endsAt)]);
  for (const [key, value] of Object.entries(alert.labels)) if (!ownLine.has(key)) facts.push([key, oneLine(value)]);
  return {
    title: oneLine(`${say[alert.status]}: ${alert.labels["alertname"] ?? ""}`),
    lines: Object.values(alert.annotations).map(oneLine),
    facts: facts.map(([label, value]) => [oneLine(label), value]),
    link: [say.open, alert.generatorUrl],
  };
}

function toPlain({ title, lines, facts, link }: Section): string {
  return [
    title,
    ...lines,
    "",
    ...facts.map(([label, value]) => `${label}: ${value}`),
    "",
    `${link[0]}: ${link[1]}`,
  ].join("\n");
}

function toDocument(locale: string, note: readonly string[], sections: readonly Section[]): string {
  const body = [...note.map((text) => `<p>${escapeHtml(text)}</p>`), ...sections.map(toHtml)].join("\n");
  const style = "font-family:system-ui,sans-serif;color:#212529";
  return `<!doctype html>\n<html lang="${locale}"><meta charset="utf-8"><body style="${style}">\n${body}\n</body></html>\n`;
}

function toHtml({ title, lines, facts, link }: Section): string {
  const rows = facts.map(
    ([label, value]) =>
      `<tr><th align="left" style="padding-right:1em;font-weight:normal;color:#6c757d">${escapeHtml(label)}</th><td>${escapeHtml(value)}</td></tr>`,
  );
  return [
    `<h2 style="font-size:1.2em">${escapeHtml(title)}</h2>`,
    ...lines.map((line) => `<p>${escapeHtml(line)}</p>`),
    `<table>${rows.join("\n")}</table>`,
    `<p><a href="${escapeHtml(link[1])}">${escapeHtml(link[0])}</a></p>`,
  ].join("\n");
}

function levelOf(alert: NotifiedAlert | undefined, say: Words): string {
  return alert ? (say.levels[alert.level] ?? alert.level) : "";
}

function toTime(atMs: number): string {
  return new Date(atMs)
    .toISOString()
    .replace("T", " ")
    .replace(/\.\d+Z$/, " UTC");
}

/** Control characters, line breaks among them, become spaces: a label cannot start a line or a header of its own. */
function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\u2028\u2029]+/gu, " ").trim();
}

/** The one HTML writer of this plugin. */
function escapeHtml(text: string): string {
  const entities: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };
  return text.replace(/[&<>"']/g, (character) => entities[character] ?? character);
}
