import { type Html, html, nothing } from "#pkg/html/html.ts";
import type { Ui } from "../components/ui.ts";
import { documentOf } from "./document.ts";
import { preferences } from "./shell.ts";

export interface LoginData {
  siteName: string;
  /** What was typed as the name: an error loses nothing. */
  name: string;
  next: string;
  refusal: { kind: "wrong" | "throttled"; retryAfterS: number | null } | null;
}

/** The log-in page; works without any script. */
export function loginPage(ui: Ui, data: LoginData): Html {
  const { refusal } = data;
  return documentOf(ui, {
    title: `${ui.t("login.title")} · ${data.siteName}`,
    csrf: null,
    scripts: [],
    styles: [],
    bodyClass: "login-page page",
    body: html`<main class="login-box">
  <h1 class="login-logo">Detectviz</h1>
  <p class="text-center text-body-secondary">${data.siteName}</p>
  <div class="card"><div class="card-body">
    <form method="post" action="/login">
      <input type="hidden" name="next" value="${data.next}">
      ${refusal === null ? nothing : html`<p class="refusal" role="alert">${refusal.kind === "wrong" ? ui.t("login.wrong") : ui.t("login.throttled", { n: refusal.retryAfterS ?? 60 })}</p>`}
      <label class="form-label" for="name">${ui.t("login.name")}</label>
      <input class="form-control mb-3" id="name" name="name" value="${data.name}" autocomplete="username" autocapitalize="none" required autofocus>
      <label class="form-label" for="password">${ui.t("login.password")}</label>
      <input class="form-control mb-3" id="password" name="password" type="password" autocomplete="current-password" required>
      <button class="btn btn-primary w-100">${ui.t("login.submit")}</button>
    </form>
    <p class="small text-body-secondary mt-3 mb-0">${ui.t("login.hint")}</p>
  </div></div>
  <div class="mt-3">${preferences(ui)}</div>
</main>`,
  });
}
