import { toColumns } from "#pkg/datasource/columns.ts";
import { type Condition, type DataQuery, type DataSource, operators } from "#pkg/datasource/port.ts";
import { AppError } from "#pkg/errors/errors.ts";

/** What stands in the address, each as text. */
export interface QueryTexts {
  filter?: string | string[] | undefined;
  search?: string | undefined;
  sort?: string | undefined;
  limit?: string | undefined;
  cursor?: string | undefined;
}

/** Throws `AppError("bad_request")` on a filter that is none. */
export function toDataQuery(
  { filter, search, sort, limit, cursor }: QueryTexts,
  source: Pick<DataSource, "schema">,
): DataQuery {
  const fields = sort?.split(",").filter((field) => field !== "") ?? [];
  return {
    filter: [filter ?? []].flat().map((text) => parseFilter(text, source)),
    search: search ?? "",
    sort: fields.map((field) => ({ field: field.replace(/^-/, ""), descending: field.startsWith("-") })),
    ...(limit === undefined ? {} : { limit: Number(limit) }),
    ...(cursor === undefined ? {} : { cursor }),
  };
}

function parseFilter(text: string, { schema }: Pick<DataSource, "schema">): Condition {
  const match = /^([^:]+):([a-z]+):(.*)$/s.exec(text);
  const [, field = "", name = "", value = ""] = match ?? [];
  const operator = operators.find((one) => one === name);
  if (!operator) {
    throw new AppError("bad_request", {
      at: "filter",
      message: `"${text.slice(0, 100)}" is no filter`,
      mend: `write field:operator:value, for example state:eq:online; operators are ${operators.join(", ")}`,
    });
  }
  return { field, operator, value: toValue(value, field, { operator, schema }) };
}

/** By the column's type; an empty value means nothing, where nothing may stand. */
function toValue(
  text: string,
  field: string,
  { operator, schema }: Pick<Condition, "operator"> & Pick<DataSource, "schema">,
) {
  const column = toColumns(schema).find(({ name }) => name === field);
  if (text === "" && operator !== "contains" && column?.nullable !== false) return null;
  if (column?.type === "boolean" && /^(true|false)$/.test(text)) return text === "true";
  const isNumber = column?.type === "number" || column?.type === "integer";
  return isNumber && text.trim() !== "" && Number.isFinite(Number(text)) ? Number(text) : text;
}
