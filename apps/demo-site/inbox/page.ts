import { type Html, html } from "#pkg/html/html.ts";
import type { Fault } from "../faults.ts";
import type { InboxItem } from "./inbox.ts";
import { type Language, words } from "./words.ts";

const style = `
:root { color-scheme: light dark; --line: #8886; }
:root { --soft: light-dark(#5c636a, #adb5bd); --accent: light-dark(#0a58ca, #6ea8fe); }
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 56rem; margin: 2rem auto; padding: 0 1rem; }
header { display: flex; justify-content: space-between; align-items: baseline; gap: 1rem; }
h1 { font-size: 1.4rem; margin: 0; }
a { color: var(--accent); }
.soft { color: var(--soft); }
ol { list-style: none; padding: 0; }
li { border: 1px solid var(--line); border-radius: .5rem; padding: .75rem 1rem; margin: .75rem 0; }
li > p { margin: 0; overflow-wrap: anywhere; }
.kind { display: inline-block; min-width: 5rem; }
pre { white-space: pre-wrap; overflow-wrap: anywhere; font-size: .85rem; max-height: 24rem; overflow: auto; }
summary { cursor: pointer; }
`;

/** The inbox as a page. Everything in it that was sent is escaped text. */
export function inboxPage(items: readonly InboxItem[], faults: readonly Fault[], language: Language): Html {
  const say = words[language];
  const other = language === "en" ? "zh-TW" : "en";
  const active = faults.map((fault) => `${fault.device}: ${say.faultNames[fault.fault]}`).join(", ");
  return html`<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="refresh" content="5">
<title>${say.title}</title><link rel="stylesheet" href="/inbox.css">
</head>
<body>
<header><h1>${say.title}</h1><a href="/?lang=${other}" lang="${other}">${say.other}</a></header>
<p class="soft">${say.lead}</p>
<p>${say.faults}: ${active || say.noFault}</p>
${items.length === 0 ? html`<p>${say.empty}</p>` : html`<ol>${items.map((item) => card(item, say))}</ol>`}
</body>
</html>`;
}

function card(item: InboxItem, say: (typeof words)[Language]): Html {
  return html`<li>
<p><span class="kind soft">${say[item.kind]}</span> <strong>${item.subject}</strong></p>
<p class="soft"><time datetime="${item.at}">${item.at.replace("T", " ").slice(0, 19)} UTC</time> · ${say.to} ${item.to}</p>
<details><summary>${say.body}</summary><pre>${item.text}</pre></details>
</li>`;
}

/** Its style sheet. */
export const inboxCss = style;
