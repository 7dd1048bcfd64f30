import { type TObject, type TSchema, Type } from "typebox";

/** What a column may hold, as people write it; with `?` it may be empty. */
export const columnTypes = ["text", "integer", "number", "boolean", "json"] as const;
export type ColumnType = (typeof columnTypes)[number];

/** JSON schema pattern of a column's type in configuration: `text`, `integer?` … */
export const columnPattern = `^(${columnTypes.join("|")})\\??$`;

/** What one field holds, for those who store it as text or in a table. */
export interface Column {
  name: string;
  type: ColumnType;
  nullable: boolean;
  /** What stands for nothing: null, or no such field. */
  empty: null | undefined;
}

const schemas: Record<ColumnType, TSchema> = {
  text: Type.String({ maxLength: 10_000 }),
  integer: Type.Integer(),
  number: Type.Number(),
  boolean: Type.Boolean(),
  json: Type.Unknown(),
};

/** The schema of columns as they are configured, checked by `columnPattern`. */
export function toSchema(columns: Readonly<Record<string, string>>): TObject {
  const properties = Object.entries(columns).map(([name, text]) => {
    const schema = schemas[text.replace("?", "") as ColumnType]; // by the pattern
    return [name, text.endsWith("?") ? Type.Optional(Type.Union([schema, Type.Null()])) : schema];
  });
  return Type.Object(Object.fromEntries(properties), { additionalProperties: false });
}

/** The columns of any schema. What is neither text, number nor boolean is JSON. */
export function toColumns(schema: TObject): Column[] {
  const required = new Set(schema.required ?? []);
  return Object.entries(schema.properties as Record<string, TSchema>).map(([name, property]) => {
    const choices = choicesOf(property);
    const types = new Set(choices.map(typeOf).filter((type) => type !== "null"));
    const [type] = types.size === 1 ? types : ["json"];
    const mayBeNull = choices.some((choice) => typeOf(choice) === "null");
    const empty = mayBeNull ? null : undefined;
    return { name, type: type as ColumnType, nullable: mayBeNull || !required.has(name), empty };
  });
}

function choicesOf(schema: TSchema): TSchema[] {
  const { anyOf } = schema as { anyOf?: TSchema[] };
  return anyOf ? anyOf.flatMap(choicesOf) : [schema];
}

function typeOf(schema: TSchema): ColumnType | "null" {
  const { type, const: value, enum: values } = schema as { type?: string; const?: unknown; enum?: unknown[] };
  const said = type ?? (values ?? [value]).map((one) => (one === null ? "null" : typeof one))[0];
  if (said === "string") return "text";
  if (said === "integer" || said === "number" || said === "boolean" || said === "null") return said;
  return "json";
}
