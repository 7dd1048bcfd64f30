import type { TObject } from "typebox";
import { AppError, messageOf } from "#pkg/errors/errors.ts";
import { findIn } from "../changes.ts";
import type { Change, DataRecord, NotedSource } from "../port.ts";
import { createRows } from "../rows.ts";
import { createSource } from "../source.ts";
import { createTurns } from "../turns.ts";

/** What a module hands in. */
export interface ResourceOptions {
  at: string;
  schema: TObject;
  key: string;
  /** All of them. */
  read(): Promise<readonly DataRecord[]>;
  /** Through the module's own service, with its checks. Absent: only read. */
  write?: ResourceWriter;
}

export interface ResourceWriter {
  create?(record: DataRecord): Promise<void>;
  update?(before: DataRecord, record: DataRecord): Promise<void>;
  remove?(record: DataRecord): Promise<void>;
}

/** A resource of the product behind the interface of files and tables. */
export function createResourceSource({ at, schema, key, read, write }: ResourceOptions): NotedSource {
  const inTurn = createTurns();
  const rows = async () => createRows(await read(), key);
  return createSource({
    ...{ at, schema, key },
    backend: {
      list: async (query) => (await rows()).list(query),
      find: async (ids) => findIn(await rows(), ids),
      ...(write && {
        edit: (plan, note) =>
          inTurn(async () => {
            const state = await rows();
            const changes = await plan(async (ids) => findIn(state, ids));
            if (changes.length > 0) await note(changes);
            await applyAll(changes, write, at);
          }),
      }),
    },
  });
}

/** One after the other; when one is refused, those before are taken back, newest first. */
async function applyAll(changes: readonly Change[], write: ResourceWriter, at: string): Promise<void> {
  const done: Change[] = [];
  try {
    for (const change of changes) {
      await apply(change, write, at);
      done.push(change);
    }
  } catch (error) {
    for (const change of done.reverse()) await takeBack(change, { write, at, because: error });
    throw error;
  }
}

/** Throws `AppError("unavailable")` when it stays: what was refused is the cause. */
async function takeBack(
  change: Change,
  { write, at, because }: { write: ResourceWriter; at: string; because: unknown },
): Promise<void> {
  try {
    await apply(toInverse(change), write, at);
  } catch (error) {
    throw new AppError("unavailable", {
      at,
      message: `a part of the batch stands: it was refused (${messageOf(because)}), and taking it back too (${messageOf(error)})`,
      mend: "look at its records and repeat what is missing",
      cause: because,
    });
  }
}

async function apply(change: Change, write: ResourceWriter, at: string): Promise<void> {
  if (change.kind === "create") return (write.create ?? refuse(at, "made"))(change.record);
  if (change.kind === "update") return (write.update ?? refuse(at, "changed"))(change.before, change.record);
  return (write.remove ?? refuse(at, "deleted"))(change.before);
}

function toInverse(change: Change): Change {
  if (change.kind === "create") return { kind: "delete", id: "", before: change.record };
  if (change.kind === "delete") return { kind: "create", record: change.before };
  return { ...change, before: change.record, record: change.before };
}

function refuse(at: string, what: string): never {
  throw new AppError("read_only", { at, message: `its records are not ${what} here`, mend: "use its own page or API" });
}
