import { type Html, html, nothing } from "#pkg/html/html.ts";
import type { Ui } from "../components/ui.ts";

export interface DocumentOptions {
  title: string;
  csrf: string | null;
  scripts: readonly string[];
  styles: readonly string[];
  bodyClass: string;
  body: Html;
}

const htmxConfig = JSON.stringify({
  allowEval: false,
  selfRequestsOnly: true,
  includeIndicatorStyles: false,
  historyCacheSize: 0,
});

/** Our own styles over AdminLTE's, a file a part; a later one overrides those before it. */
const ownStyles = [
  "base",
  "shell",
  "levels",
  "panels",
  "forms",
  "loop",
  "alarms",
  "lists",
  "floor",
  "charts",
  "tables",
  "screens",
].map((part) => `web/static/${part}.css`);

/** The HTML document itself: theme and language set by the server, everything from this node. */
export function documentOf(ui: Ui, options: DocumentOptions): Html {
  const theme = ui.theme === "system" ? nothing : html` data-bs-theme="${ui.theme}"`;
  return html`<!doctype html>
<html lang="${ui.locale}"${theme} data-theme="${ui.theme}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="${ui.theme === "system" ? "light dark" : ui.theme}">
<meta name="now" content="${ui.now}">
<meta name="htmx-config" content="${htmxConfig}">
${options.csrf === null ? nothing : html`<meta name="csrf" content="${options.csrf}">`}
<title>${options.title}</title>
<link rel="icon" type="image/svg+xml" href="${ui.asset("web/static/icon.svg")}">
<script src="${ui.asset("web/browser/theme.client.ts")}"></script>
${["lib/adminlte.css", ...options.styles, ...ownStyles].map((path) => html`<link rel="stylesheet" href="${ui.asset(path)}">\n`)}
${options.scripts.map((path) => script(ui, path))}
</head>
<body class="${options.bodyClass}">
${options.body}
</body>
</html>`;
}

/** Own modules are modules; libraries are classic scripts. Both wait for the document and keep their order. */
function script(ui: Ui, path: string): Html {
  return path.endsWith(".client.ts")
    ? html`<script type="module" src="${ui.asset(path)}"></script>\n`
    : html`<script defer src="${ui.asset(path)}"></script>\n`;
}
