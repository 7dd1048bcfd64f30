import { readFileSync } from "node:fs";
import path from "node:path";
import { parse } from "yaml";
import {
  type Catalogue,
  createTranslate,
  type Locale,
  locales,
  parseCatalogue,
  type Translate,
} from "#pkg/i18n/catalogue.ts";

/** Words of every page in every language, read once. */
export type Words = (page: string | null, locale: Locale) => Translate;

/** Reads `web/words.yaml` (shared) and `web/pages/<name>/words.yaml`. Throws `AppError("config")` when one is not complete. */
export function readWords(root: string, pageNames: readonly string[]): Words {
  const shared = readCatalogue(root, "web/words.yaml");
  const made = new Map<string, Translate>();
  for (const name of [null, ...pageNames]) {
    const catalogues = name === null ? [shared] : [readCatalogue(root, `web/pages/${name}/words.yaml`), shared];
    for (const locale of locales) made.set(`${name} ${locale}`, createTranslate(catalogues, locale));
  }
  return (page, locale) => made.get(`${page} ${locale}`) ?? createTranslate([shared], locale);
}

/** One `words.yaml`, checked. */
export function readCatalogue(root: string, file: string): Catalogue {
  return parseCatalogue(parse(readFileSync(path.join(root, file), "utf8")), file);
}
