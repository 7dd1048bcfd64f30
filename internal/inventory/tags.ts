import { AppError, type FieldError } from "#pkg/errors/errors.ts";
import { tagNamePattern } from "./contract.ts";

const isName = new RegExp(tagNamePattern);
const most = 50;
const longestValue = 200;

/** Tags become Telegraf tags and PromQL labels: names as Prometheus allows them, values of one line. */
export function checkTags(tags: Readonly<Record<string, string>>): void {
  const entries = Object.entries(tags);
  const fields: FieldError[] = entries.flatMap(([key, value]) => {
    const detail = wrongTag(key, value);
    return detail ? [{ pointer: `/tags/${key.replaceAll("~", "~0").replaceAll("/", "~1")}`, detail }] : [];
  });
  if (entries.length > most) fields.push({ pointer: "/tags", detail: `more than ${most} tags` });
  if (fields.length === 0) return;
  throw new AppError("bad_request", {
    message: `${fields[0]?.pointer}: ${fields[0]?.detail}`,
    mend: `names are letters, digits and "_", values one line of at most ${longestValue} characters`,
    fields,
  });
}

function wrongTag(key: string, value: string): string | undefined {
  if (!isName.test(key)) return "no name of a tag, or one that Detectviz sets itself";
  if (value === "" || value.length > longestValue) return `empty, or longer than ${longestValue} characters`;
  return /[\p{Cc}\p{Zl}\p{Zp}]/u.test(value) ? "holds a line end or control character" : undefined;
}
