import { AppError } from "#pkg/errors/errors.ts";

/** The languages of the product; both are complete. */
export const locales = ["en", "zh-TW"] as const;
export type Locale = (typeof locales)[number];

/** One text with `{name}` places; where a number decides the wording, `one` and `other` by `{n}`. */
export type Message = string | { readonly one: string; readonly other: string };
export type Catalogue = Readonly<Record<string, Readonly<Record<Locale, Message>>>>;

/** Looks a text up and fills its places. A key that is missing comes out as `⟦key⟧`, so that nobody overlooks it. */
export type Translate = (key: string, values?: Readonly<Record<string, string | number>>) => string;

/** Checks what was read from a `words.yaml`. Throws `AppError("config")` naming the key that lacks a language. */
export function parseCatalogue(value: unknown, at: string): Catalogue {
  if (typeof value !== "object" || value === null) throw refused(at, "is not a map of keys");
  for (const [key, entry] of Object.entries(value)) {
    for (const locale of locales) {
      if (!isMessage(entry?.[locale])) throw refused(`${at}: ${key}`, `has no text in ${locale}`);
    }
  }
  return value as Catalogue; // every entry was looked at above
}

/** Earlier catalogues win over later ones. */
export function createTranslate(catalogues: readonly Catalogue[], locale: Locale): Translate {
  const plural = new Intl.PluralRules(locale);
  return (key, values = {}) => {
    const message = catalogues.find((catalogue) => Object.hasOwn(catalogue, key))?.[key]?.[locale];
    if (message === undefined) return `⟦${key}⟧`;
    const text = typeof message === "string" ? message : message[choose(plural, values["n"])];
    return text.replace(/\{(\w+)\}/g, (place, name: string) => String(values[name] ?? place));
  };
}

/** The language for one request: what was chosen, else the first the browser asks for that we speak, else English. */
export function negotiateLocale(chosen: string | undefined, acceptLanguage: string | undefined): Locale {
  const exact = locales.find((locale) => locale === chosen);
  if (exact !== undefined) return exact;
  const wanted = (acceptLanguage ?? "").split(",").map((part) => part.split(";")[0]?.trim().toLowerCase() ?? "");
  const first = wanted.find((tag) => tag.startsWith("en") || tag.startsWith("zh"));
  return first?.startsWith("zh") === true ? "zh-TW" : "en";
}

function choose(plural: Intl.PluralRules, n: string | number | undefined): "one" | "other" {
  return plural.select(Number(String(n).replaceAll(",", ""))) === "one" ? "one" : "other";
}

function isMessage(value: unknown): value is Message {
  if (typeof value === "string") return value !== "";
  if (typeof value !== "object" || value === null || !("one" in value) || !("other" in value)) return false;
  return typeof value.one === "string" && typeof value.other === "string";
}

function refused(at: string, message: string): AppError {
  return new AppError("config", { at, message, mend: "give each key a text in en and zh-TW" });
}
