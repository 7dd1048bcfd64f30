import type { Html } from "#pkg/html/html.ts";
import type { Locale, Translate } from "#pkg/i18n/catalogue.ts";
import type { Format } from "#pkg/i18n/format.ts";
import type { IconName } from "./icons.ts";

export type Theme = "light" | "dark" | "system";

/** What every view has at hand beside its data: the words, formats and addresses of this request. */
export interface Ui {
  locale: Locale;
  theme: Theme;
  /** UTC ms of this answer: ages are counted to it. */
  now: number;
  /** Path with query of this page. */
  url: string;
  t: Translate;
  format: Format;
  /** Decorative: hidden from readers, so a word or a label must stand beside it. */
  icon(name: IconName): Html;
  /** Address of a served file, with the hash of what is served in it. */
  asset(path: string): string;
}
