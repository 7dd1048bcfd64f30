import type { TObject } from "typebox";
import { AppError } from "#pkg/errors/errors.ts";
import { createCheck, refuseWrong } from "./check.ts";
import type { Change, ChangeNote, DataPage, DataQuery, DataRecord, DataSource, NotedSource } from "./port.ts";
import { idOf } from "./rows.ts";

/** Those of these keys that are there. */
export type Find = (ids: readonly string[]) => Promise<ReadonlyMap<string, DataRecord>>;

/** What an adapter brings. */
export interface Backend {
  list(query: DataQuery): Promise<DataPage>;
  find: Find;
  /**
   * Applies what `plan` asks for, whole or not at all, while nobody else edits; tells it to `note` first. Undefined: it
   * is only read.
   */
  edit?(plan: (find: Find) => Promise<readonly Change[]>, note: ChangeNote): Promise<void>;
}

export interface SourceOptions {
  /** For messages: the file, the table, the resource. */
  at: string;
  schema: TObject;
  key: string;
  backend: Backend;
}

const toNobody: ChangeNote = async () => {};

/** The promise of the port over one adapter's backend: checks, keys, batches. */
export function createSource(options: SourceOptions): NotedSource {
  return { ...withNote(options, toNobody), noting: (note) => withNote(options, note) };
}

function withNote({ at, schema, key, backend }: SourceOptions, note: ChangeNote): DataSource {
  const check = createCheck(schema);
  const edit = async (plan: (find: Find) => Promise<readonly Change[]>): Promise<DataRecord[]> => {
    if (!backend.edit) throw readOnly(at);
    let done: DataRecord[] = [];
    await backend.edit(async (find) => {
      const changes = await plan(find);
      const records = changes.flatMap((change) => (change.kind === "delete" ? [] : [change.record]));
      refuseWrong(records, { check, key, at });
      done = records;
      return changes;
    }, note);
    // A resource or a table may have stored more than was given.
    const stored = await backend.find(done.map((record) => idOf(record, key)));
    return done.map((record) => stored.get(idOf(record, key)) ?? record);
  };

  const createMany = (records: readonly DataRecord[]) =>
    edit(async (find) => {
      const [taken] = (await find(records.map((record) => idOf(record, key)))).keys();
      if (taken !== undefined) throw keyTaken(at, key, taken);
      return records.map((record) => ({ kind: "create", record }));
    });

  const updateMany = (all: readonly (readonly [id: string, changes: DataRecord])[]) =>
    edit(async (find) => {
      const known = await find(all.map(([id]) => id));
      return all.map(([id, changes]) => {
        const before = known.get(id) ?? notThere(at, key, id);
        const record = { ...before, ...changes };
        if (idOf(record, key) !== id) throw keyChanged(at, key, id);
        return { kind: "update", id, before, record };
      });
    });
  const only = ([record]: readonly DataRecord[]) => record as DataRecord; // one was asked for, or it was refused

  return {
    schema,
    key,
    writable: backend.edit !== undefined,
    list: (query = {}) => backend.list(query),
    get: async (id) => (await backend.find([id])).get(id),
    validate: check,
    create: async (record) => only(await createMany([record])),
    createMany,
    update: async (id, changes) => only(await updateMany([[id, changes]])),
    updateMany: (records) => updateMany(records.map((record) => [idOf(record, key), record])),
    async delete(id) {
      await edit(async (find) => [{ kind: "delete", id, before: (await find([id])).get(id) ?? notThere(at, key, id) }]);
    },
  };
}

const readOnly = (at: string) =>
  new AppError("read_only", {
    at,
    message: "it is only read",
    mend: "set writable = true, or change it where it comes from",
  });

const keyTaken = (at: string, key: string, id: string) =>
  new AppError("conflict", {
    at,
    message: `there is a record whose ${key} is "${id}"`,
    mend: "update it, or take another",
  });

const keyChanged = (at: string, key: string, id: string) =>
  new AppError("unprocessable", {
    at,
    message: `the ${key} of "${id}" is its key and stays`,
    mend: "delete it and make another",
  });

function notThere(at: string, key: string, id: string): never {
  throw new AppError("not_found", {
    at,
    message: `there is no record whose ${key} is "${id}"`,
    mend: "list the source",
  });
}
