import { type Html, html, nothing, withQuery } from "#pkg/html/html.ts";
import type { IconName } from "../components/icons.ts";
import { levelCount } from "../components/level.ts";
import type { Part } from "../components/part.ts";
import type { Ui } from "../components/ui.ts";
import { age } from "../components/values.ts";
import { documentOf } from "./document.ts";

export interface MenuEntry {
  href: string;
  title: string;
  icon: IconName;
  active: boolean;
}

/** What stands around every page after log-in. */
export interface ShellData {
  title: string;
  siteName: string;
  menu: readonly MenuEntry[];
  user: { name: string; role: string; mustChangePassword: boolean };
  csrf: string;
  /** Libraries and modules of this page, as asset paths. */
  scripts: readonly string[];
  styles: readonly string[];
  status: Part<{ info: number; warning: number; critical: number; newestMs: number | null }>;
}

/** The frame of a page: side bar in the order of the loop, top bar, and `content`. */
export function shell(ui: Ui, data: ShellData, content: Html): Html {
  return documentOf(ui, {
    title: `${data.title} · ${data.siteName}`,
    csrf: data.csrf,
    scripts: data.scripts,
    styles: data.styles,
    bodyClass: "layout-fixed sidebar-expand-lg page",
    body: html`<a class="skip" href="#main">${ui.t("shell.skip")}</a>
<div class="app-wrapper">
${topBar(ui, data)}
${sideBar(ui, data)}
<main class="app-main" id="main" tabindex="-1">
  <div class="app-content"><div class="container-fluid">
    ${data.user.mustChangePassword ? passwordNotice(ui) : nothing}
    ${content}
  </div></div>
</main>
</div>
${overlays(ui)}`,
  });
}

function topBar(ui: Ui, data: ShellData): Html {
  return html`<header class="app-header navbar navbar-expand bg-body"><div class="container-fluid">
  <button type="button" class="btn btn-icon" data-sidebar-toggle aria-label="${ui.t("shell.menu")}">${ui.icon("list")}</button>
  <form class="topsearch" role="search" action="/search" method="get">
    <input class="form-control form-control-sm" type="search" name="q" id="search" autocomplete="off" placeholder="${ui.t("shell.search")}" aria-label="${ui.t("shell.search")}" hx-get="/search" hx-trigger="input changed delay:200ms" hx-target="#search-results" hx-select="#results" hx-sync="this:replace">
    <kbd aria-hidden="true">/</kbd>
    <div id="search-results" class="search-results" aria-live="polite"></div>
  </form>
  <div class="topstatus" id="top-status" data-live="values">${topStatus(ui, data.status)}</div>
  ${userMenu(ui, data)}
</div></header>`;
}

function topStatus(ui: Ui, status: ShellData["status"]): Html {
  if (!status.ok) return html`<span class="text-body-secondary">–</span>`;
  const { critical, warning, info, newestMs } = status.data;
  return html`<span class="newest" title="${ui.t("shell.newest")}">${ui.icon("broadcast")} <span class="visually-hidden">${ui.t("shell.newest")}</span>${age(ui, newestMs)}</span>
  <a class="levels" href="/record-status"><span class="visually-hidden">${ui.t("shell.openAlarms")}</span>${levelCount(ui, "critical", critical)}${levelCount(ui, "warning", warning)}${levelCount(ui, "info", info)}</a>`;
}

function userMenu(ui: Ui, data: ShellData): Html {
  return html`<div class="dropdown">
  <button type="button" class="btn btn-icon dropdown-toggle" data-bs-toggle="dropdown" aria-expanded="false">${ui.icon("people")} <span class="d-none d-md-inline">${data.user.name}</span><span class="visually-hidden d-md-none">${data.user.name}</span></button>
  <div class="dropdown-menu dropdown-menu-end p-2 usermenu">
    <p class="small text-body-secondary px-2 mb-2">${data.user.name} · ${ui.t(`role.${data.user.role}`)}</p>
    ${preferences(ui)}
    <a class="dropdown-item" href="/password">${ui.icon("shield-lock")} ${ui.t("shell.password")}</a>
    <button type="button" class="dropdown-item" data-keys-open>${ui.icon("keyboard")} ${ui.t("shell.keys")}</button>
    <button type="button" class="dropdown-item" data-api="POST /logout" data-then="/login">${ui.icon("box-arrow-right")} ${ui.t("shell.logout")}</button>
  </div>
</div>`;
}

/** Theme and language; works without log-in and without script. */
export function preferences(ui: Ui): Html {
  const themes = [
    ["light", "sun"],
    ["dark", "moon"],
    ["system", "circle-half"],
  ] as const;
  return html`<form class="preferences" method="post" action="/preferences">
  <input type="hidden" name="next" value="${ui.url}">
  <div class="btn-group btn-group-sm w-100 mb-2" role="group" aria-label="${ui.t("shell.theme")}">${themes.map(
    ([theme, icon]) =>
      html`<button class="btn btn-outline-secondary ${ui.theme === theme ? "active" : ""}" name="theme" value="${theme}" aria-pressed="${String(ui.theme === theme)}" title="${ui.t(`theme.${theme}`)}">${ui.icon(icon)}<span class="visually-hidden">${ui.t(`theme.${theme}`)}</span></button>`,
  )}</div>
  <div class="btn-group btn-group-sm w-100 mb-2" role="group" aria-label="${ui.t("shell.language")}">
    <button class="btn btn-outline-secondary ${ui.locale === "en" ? "active" : ""}" name="locale" value="en" lang="en" aria-pressed="${String(ui.locale === "en")}">English</button>
    <button class="btn btn-outline-secondary ${ui.locale === "zh-TW" ? "active" : ""}" name="locale" value="zh-TW" lang="zh-TW" aria-pressed="${String(ui.locale === "zh-TW")}">繁體中文</button>
  </div>
</form>`;
}

function sideBar(ui: Ui, data: ShellData): Html {
  return html`<aside class="app-sidebar" data-bs-theme="dark" aria-label="${ui.t("shell.menu")}">
  <div class="sidebar-brand"><a class="brand-link" href="/"><svg class="brand-mark" viewBox="0 0 32 32" aria-hidden="true"><circle cx="16" cy="16" r="12" fill="none" stroke="currentColor" stroke-width="2.5" stroke-dasharray="58 18" transform="rotate(-60 16 16)"/><path d="M7 17h5l2.5-6 3.5 10 2.5-4H25" fill="none" stroke="currentColor" stroke-width="2.5" stroke-linejoin="round" stroke-linecap="round"/></svg><span class="brand-text">Detectviz</span></a></div>
  <div class="sidebar-wrapper"><nav aria-label="${ui.t("shell.menu")}"><ul class="nav sidebar-menu flex-column">${data.menu.map(
    (entry) =>
      html`<li class="nav-item"><a class="nav-link ${entry.active ? "active" : ""}" href="${entry.href}"${entry.active ? html` aria-current="page"` : nothing}><span class="nav-icon">${ui.icon(entry.icon)}</span><p>${entry.title}</p></a></li>`,
  )}</ul></nav></div>
</aside>`;
}

function passwordNotice(ui: Ui): Html {
  return html`<div class="notice" role="status">${ui.icon("key")} ${ui.t("shell.mustChange")} <a href="/password">${ui.t("shell.password")}</a></div>`;
}

/** What scripts show on top of a page; the words stand here so that scripts hold none. */
function overlays(ui: Ui): Html {
  return html`<div id="connection" class="connection" role="status" hidden>${ui.icon("broadcast")} ${ui.t("shell.lost")}</div>
<div id="refresher" hidden hx-get="${withQuery(ui.url, {})}" hx-swap="none"></div>
<div id="toasts" class="toasts" role="status" aria-live="polite" data-failed="${ui.t("shell.failed")}" data-unreachable="${ui.t("shell.unreachable")}" data-done="${ui.t("shell.done")}" data-waiting="${ui.t("shell.waiting")}"></div>
<dialog id="keys" class="sheet" aria-labelledby="keys-title"><h2 class="h5" id="keys-title">${ui.t("shell.keys")}</h2><dl class="keys">
  <div><dt><kbd>/</kbd> <kbd>Ctrl K</kbd></dt><dd>${ui.t("shell.search")}</dd></div>
  <div><dt><kbd>g</kbd> <kbd>1</kbd>…<kbd>9</kbd></dt><dd>${ui.t("keys.goto")}</dd></div>
  <div><dt><kbd>?</kbd></dt><dd>${ui.t("shell.keys")}</dd></div>
  <div><dt><kbd>Esc</kbd></dt><dd>${ui.t("keys.close")}</dd></div>
</dl><form method="dialog"><button class="btn btn-sm btn-outline-secondary">${ui.t("keys.close")}</button></form></dialog>`;
}
