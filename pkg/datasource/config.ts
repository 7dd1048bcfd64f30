import { type Static, Type } from "typebox";
import { columnPattern } from "./columns.ts";

const name = "^[A-Za-z_][A-Za-z0-9_-]{0,59}$";

const source = Type.Object(
  {
    type: Type.Union([Type.Literal("csv"), Type.Literal("json"), Type.Literal("yaml"), Type.Literal("sql")], {
      description: "csv, json, yaml: a file of the data.d folder beside this file. sql: a table of [storage.sql].",
    }),
    file: Type.Optional(Type.String({ description: "Name in data.d, for example racks.csv.", maxLength: 300 })),
    table: Type.Optional(
      Type.String({
        description: "Begins with site_, so that it is none of Detectviz's own; made when it is not there.",
        pattern: "^site_[A-Za-z0-9_]{1,50}$",
      }),
    ),
    key: Type.String({ description: "The column that names a record.", minLength: 1 }),
    columns: Type.Record(Type.String({ pattern: name }), Type.String({ pattern: columnPattern }), {
      description: "text, integer, number, boolean or json by column; with ? it may be empty.",
      minProperties: 1,
    }),
    writable: Type.Boolean({ description: "Whether engineers may change it by REST.", default: false }),
  },
  { additionalProperties: false },
);

/** `[data]`: the site's own lists, to be read and changed under /api/v1/data. */
export const dataConfig = Type.Object(
  {
    sources: Type.Record(Type.String({ pattern: name }), source, { description: "[data.sources.<name>]", default: {} }),
  },
  { additionalProperties: false, description: "Lists of the site.", restart: true },
);

export type DataConfig = Static<typeof dataConfig>;
export type SourceConfig = DataConfig["sources"][string];
