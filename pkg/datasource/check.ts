import type { TObject } from "typebox";
import { Compile } from "typebox/compile";
import { AppError, type FieldError } from "#pkg/errors/errors.ts";
import type { DataRecord } from "./port.ts";
import { idOf } from "./rows.ts";

const mostErrors = 50;

/** Checks records against a schema that was compiled once. */
export type Check = (record: DataRecord) => FieldError[];

export function createCheck(schema: TObject): Check {
  let compiled: ReturnType<typeof Compile<TObject>> | undefined;
  return (record) => {
    compiled ??= Compile(schema); // milliseconds that who only reads need not spend
    if (compiled.Check(record)) return [];
    const errors = compiled
      .Errors(record)
      .map(({ instancePath, message }) => ({ pointer: instancePath, detail: message }));
    // A choice of types tells each type and then the choice: one word for each place is enough.
    return [...new Map(errors.map((error) => [error.pointer, error])).values()];
  };
}

export interface CheckOptions {
  check: Check;
  key: string;
  at?: string;
  /** For messages: where a person finds a record. */
  nameOf?(index: number): string;
}

/** Throws `AppError("unprocessable")` with every wrong place of every record, and of every key that comes twice. */
export function refuseWrong(
  records: readonly DataRecord[],
  { check, key, at, nameOf = (index) => `record ${index}` }: CheckOptions,
): void {
  const fields: FieldError[] = [];
  const seen = new Map<string, number>();
  for (const [index, record] of records.entries()) {
    const errors = check(record);
    for (const { pointer, detail } of errors) fields.push({ pointer: `/${index}${pointer}`, detail });
    const id = idOf(record, key);
    const first = seen.get(id);
    if (errors.length > 0) continue;
    if (first === undefined) seen.set(id, index);
    else fields.push({ pointer: `/${index}/${key}`, detail: `"${id}" is the key of ${nameOf(first)} too` });
  }
  const [first] = fields;
  if (!first) return;
  throw new AppError("unprocessable", {
    ...(at === undefined ? {} : { at }),
    message: `${nameOf(Number(first.pointer.split("/")[1]))}: ${first.pointer} ${first.detail}${fields.length > 1 ? ` (and ${fields.length - 1} more)` : ""}`,
    mend: "correct these records; nothing was written",
    fields: fields.slice(0, mostErrors),
  });
}
