import type { FastifyRequest } from "fastify";
import { negotiateLocale } from "#pkg/i18n/catalogue.ts";
import { createFormat } from "#pkg/i18n/format.ts";
import { iconFrom } from "#web/components/icons.ts";
import type { Theme, Ui } from "#web/components/ui.ts";
import { cookies } from "../session-cookie.ts";
import type { AssetFiles } from "./asset-files.ts";
import type { Words } from "./words.ts";

export const localeCookie = "detectviz_locale";
export const themeCookie = "detectviz_theme";
export const themes: readonly Theme[] = ["light", "dark", "system"];

export interface ViewContextDeps {
  files: AssetFiles;
  words: Words;
  timeZone(): string;
  now(): number;
}

/** Words, formats and addresses for one request: its language and theme come from cookies, else from the browser. */
export function toUi(request: FastifyRequest, page: string | null, deps: ViewContextDeps): Ui {
  const chosen = cookies(request);
  const locale = negotiateLocale(chosen[localeCookie], request.headers["accept-language"]);
  const asset = (name: string) => `/assets/${deps.files.hash}/${name}`;
  return {
    locale,
    theme: themes.find((theme) => theme === chosen[themeCookie]) ?? "system",
    now: deps.now(),
    url: request.url,
    t: deps.words(page, locale),
    format: createFormat(locale, deps.timeZone()),
    icon: (name) => iconFrom(asset("icons.svg"), name),
    asset,
  };
}
