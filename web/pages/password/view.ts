import { type Html, html } from "#pkg/html/html.ts";
import { panel } from "../../components/panel.ts";
import type { Ui } from "../../components/ui.ts";
import type { PasswordData } from "./data.ts";

/** Change of one's own password; all other sessions end. */
export function passwordView(data: PasswordData, ui: Ui): Html {
  return html`<h1 class="page-title">${ui.t("title")}</h1>
<div class="narrow">${panel(ui, {
    id: "password",
    title: data.name,
    part: { ok: true, data },
    body: () => html`<form data-api="POST /api/v1/account/password" data-then="/">
  <input type="text" name="user" value="${data.name}" autocomplete="username" hidden disabled>
  <label class="form-label" for="old">${ui.t("old")}</label><input class="form-control mb-3" id="old" name="old_password" type="password" autocomplete="current-password" required>
  <label class="form-label" for="new">${ui.t("new")}</label><input class="form-control" id="new" name="new_password" type="password" autocomplete="new-password" required aria-describedby="new-help"><p class="form-text" id="new-help">${ui.t("help")}</p>
  <p class="refusal" role="alert" data-refusal hidden></p>
  <button class="btn btn-primary">${ui.t("save")}</button>
</form>`,
  })}</div>`;
}
