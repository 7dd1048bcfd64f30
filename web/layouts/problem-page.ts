import { type Html, html, nothing } from "#pkg/html/html.ts";
import type { Ui } from "../components/ui.ts";
import { documentOf } from "./document.ts";

/** A whole page that could not be shown: what happened, the mend, the ways on. */
export function problemPage(ui: Ui, problem: { code: string; detail: string; mend: string | null }): Html {
  const title = ui.t(
    `problem.${problem.code === "not_found" || problem.code === "forbidden" ? problem.code : "other"}`,
  );
  return documentOf(ui, {
    title,
    csrf: null,
    scripts: [],
    styles: [],
    bodyClass: "login-page page",
    body: html`<main class="login-box"><div class="card"><div class="card-body">
  <h1 class="h4">${title}</h1>
  <p>${problem.detail}</p>
  ${problem.mend === null ? nothing : html`<p class="text-body-secondary">${problem.mend}</p>`}
  <a class="btn btn-primary btn-sm" href="/">${ui.t("problem.home")}</a>
  <a class="btn btn-outline-secondary btn-sm" href="${ui.url}">${ui.t("part.again")}</a>
</div></div></main>`,
  });
}
