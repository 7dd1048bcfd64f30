import { AppError, type FieldError } from "#pkg/errors/errors.ts";
import { isWrong, type Span, subtract, toAddress, toSpan, union } from "./ranges.ts";

/** Where a path of keys below `[scan]` stands for people: `file:line`. */
export type Locate = (path: readonly (string | number)[]) => string;

/** What may be asked at all. */
export interface Permission {
  allow: readonly string[];
  deny: readonly string[];
  locate?: Locate;
}

/**
 * The addresses of the ranges, each once, less those of the deny-list. Throws `AppError("bad_request")` that names
 * the first range that is malformed, reaches outside the allow-list or is denied whole, and what would allow it.
 */
export function checkRanges(ranges: readonly string[], permission: Permission): Span[] {
  const allow = parseList(permission.allow, "allow", permission);
  const deny = parseList(permission.deny, "deny", permission);
  const spans = ranges.map((text, index) => checkRange(text, index, { allow, deny }, permission));
  return subtract(spans, deny);
}

function checkRange(
  text: string,
  index: number,
  lists: { allow: readonly Span[]; deny: readonly Span[] },
  permission: Permission,
): Span {
  const pointer = `/ranges/${index}`;
  const span = toSpan(text);
  if (isWrong(span)) {
    throw refusal(pointer, `range "${text}": ${span.wrong}`, 'write for example "10.1.0.0/16" or "10.1.0.1-10.1.0.20"');
  }
  const [outside] = subtract([span], lists.allow);
  const place = permission.locate?.(["allow"]) ?? "detectviz.conf";
  if (outside) {
    const why = `range "${text}" is outside the allow-list (first address: ${toAddress(outside.first)})`;
    throw refusal(pointer, why, `at ${place} add it: [scan] allow = [${JSON.stringify(text)}, …]`);
  }
  if (subtract([span], lists.deny).length === 0) {
    const denied = permission.locate?.(["deny"]) ?? "detectviz.conf";
    throw refusal(pointer, `range "${text}" is on the deny-list`, `take it out at ${denied}: [scan] deny`);
  }
  return span;
}

function refusal(pointer: string, message: string, mend: string): AppError {
  const fields: FieldError[] = [{ pointer, detail: message }];
  return new AppError("bad_request", { message, mend, fields });
}

function parseList(texts: readonly string[], key: "allow" | "deny", { locate }: Permission): Span[] {
  return union(
    texts.map((text) => {
      const span = toSpan(text);
      if (!isWrong(span)) return span;
      throw new AppError("config", {
        at: locate?.([key]) ?? `[scan] ${key}`,
        message: `"${text}": ${span.wrong}`,
        mend: 'write for example "10.1.0.0/16"',
      });
    }),
  );
}
