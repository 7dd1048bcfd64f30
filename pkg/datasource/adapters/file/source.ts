import { createHash } from "node:crypto";
import type { TObject } from "typebox";
import { AppError } from "#pkg/errors/errors.ts";
import type { FileStore } from "#pkg/filestore/port.ts";
import { applyChanges, findIn } from "../../changes.ts";
import { createCheck, refuseWrong } from "../../check.ts";
import { toColumns } from "../../columns.ts";
import type { Change, ChangeNote, DataRecord, NotedSource } from "../../port.ts";
import { createRows, type Rows } from "../../rows.ts";
import { createSource } from "../../source.ts";
import { createTurns } from "../../turns.ts";
import type { Codec } from "./codec.ts";

export interface FileSourceOptions {
  files: Pick<FileStore, "read" | "write" | "stamp" | "stat">;
  /** In `files`. One that is not there is an empty source, and is made by the first write. */
  name: string;
  /** For messages. */
  at: string;
  schema: TObject;
  key: string;
  writable: boolean;
}

/** The file as it was read last. */
interface Loaded {
  stamp: string | null;
  bytes: Uint8Array | null;
  rows: Rows;
}

/** Records in one file, kept in memory and read again when the file has changed. */
export function createFileSource(
  codec: Codec,
  { files, name, at, schema, key, writable }: FileSourceOptions,
): NotedSource {
  const columns = toColumns(schema);
  const check = createCheck(schema);
  const inTurn = createTurns();
  let loaded: Loaded | undefined;
  let loading: { stamp: string | null; work: Promise<Loaded> } | undefined;

  const load = async (stamp: string | null): Promise<Loaded> => {
    const bytes = (await files.read(name)) ?? null;
    if (bytes && bytes.length > codec.maxBytes) throw tooLarge(at, codec.maxBytes);
    const records = bytes ? refuseNoList(await codec.decode(bytes, columns, at), at) : [];
    refuseWrong(records, { check, key, at, ...(codec.nameOf && { nameOf: codec.nameOf }) });
    return { stamp, bytes, rows: createRows(records, key) };
  };
  const now = async (): Promise<Loaded> => {
    const stamp = await files.stamp(name);
    if (loaded?.stamp === stamp) return loaded;
    // Only a reading that began after the file was written shows what stands there now.
    if (loading?.stamp !== stamp) loading = { stamp, work: load(stamp) };
    const { work } = loading;
    try {
      loaded = await work;
      return loaded;
    } finally {
      if (loading?.work === work) loading = undefined;
    }
  };

  const write = async ({ rows, bytes }: Loaded, changes: readonly Change[], note: ChangeNote) => {
    const records = applyChanges(rows.all, changes, key);
    const text = await codec.encode(records, { columns, key, before: bytes, at });
    if (Buffer.byteLength(text) > codec.maxBytes) throw tooLarge(at, codec.maxBytes);
    await note(changes);
    await files.write(name, text, { ifHash: bytes && hashOf(bytes) });
    const stamp = await files.stamp(name);
    // Ours is what stands there after the mark was taken; else somebody was quick, and the next call reads it.
    const isOurs = (await files.stat(name))?.hash === hashOf(text);
    loaded = isOurs ? { stamp, bytes: Buffer.from(text), rows: createRows(records, key) } : undefined;
  };

  return createSource({
    ...{ at, schema, key },
    backend: {
      list: async (query) => (await now()).rows.list(query),
      find: async (ids) => findIn((await now()).rows, ids),
      ...(writable && {
        edit: (plan, note) =>
          inTurn(async () => {
            const state = await now();
            const changes = await plan(async (ids) => findIn(state.rows, ids));
            if (changes.length > 0) await write(state, changes, note);
          }),
      }),
    },
  });
}

const hashOf = (content: Uint8Array | string) => createHash("sha256").update(content).digest("hex");

function refuseNoList(value: unknown, at: string): readonly DataRecord[] {
  const isRecord = (one: unknown) => typeof one === "object" && one !== null && !Array.isArray(one);
  if (Array.isArray(value) && value.every(isRecord)) return value;
  throw new AppError("unprocessable", { at, message: "it is no list of records", mend: "write a list of objects" });
}

function tooLarge(at: string, maxBytes: number): AppError {
  const message = `the file is larger than ${maxBytes / 1024 / 1024} MB`;
  return new AppError("too_large", { at, message, mend: "split it, or keep these records in a table" });
}
