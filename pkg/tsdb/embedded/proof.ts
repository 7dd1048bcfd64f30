import type { DatabaseSync } from "node:sqlite";
import { messageOf } from "#pkg/errors/errors.ts";
import { inTransaction, isBroken, sqliteCorrupt } from "./database.ts";

/**
 * SQLite has no checksums: zeros over a page of an index hide rows without a word. So each file of blocks says how many
 * there are and the sum of what stands beside them, kept up by triggers with every change. The blocks themselves have
 * checksums of their own.
 */
// The sums of a million rows stay below 2^53.
const placeOf = (row: string) => `(${row}id % 8191 + 1) * (${row}series_group % 65521 + 1)`;
const markOf = (row: string) =>
  `(${row}id % 8191 + 1) * (cast(${row}from_ms as integer) % 65521 + 3 * (cast(${row}to_ms as integer) % 65521)` +
  ` + 7 * (cast(${row}written as integer) % 65521))`;

const proofSchema = `
  create table if not exists proof (
    id integer primary key check (id = 1), blocks integer not null, places integer not null, marks integer not null
  );
  create trigger if not exists block_came after insert on block begin
    update proof set blocks = blocks + 1, places = places + ${placeOf("new.")}, marks = marks + ${markOf("new.")};
  end;
  create trigger if not exists block_went after delete on block begin
    update proof set blocks = blocks - 1, places = places - ${placeOf("old.")}, marks = marks - ${markOf("old.")};
  end;
`;

const places = `select count(*) blocks, coalesce(sum(${placeOf("")}), 0) places from block indexed by block_of_group`;
const marks = `select count(*) blocks, coalesce(sum(${markOf("")}), 0) marks from block not indexed`;
const fillProof = `
  insert or replace into proof
  select 1, count(*), coalesce(sum(${placeOf("")}), 0), coalesce(sum(${markOf("")}), 0) from block not indexed
`;
/** Files of which a proof is kept. */
const proven = 1;
/** Of more blocks only the index is looked at when a file is opened: reading all of them would be felt. */
const quickBlocks = 5000;

/** Keeps a proof from now on. Throws an error that `isBroken` when there was one and it is gone. */
export function keepProof(database: DatabaseSync): void {
  const version = Number(database.prepare("pragma user_version").get()?.["user_version"]);
  if (version >= proven) {
    if (readProof(database)) return;
    throw Object.assign(new Error("what it says of itself is gone"), { errcode: sqliteCorrupt });
  }
  inTransaction(database, () => {
    database.exec(proofSchema);
    if (!readProof(database)) database.exec(fillProof);
    database.exec(`pragma user_version = ${proven}`);
  });
}

/** What the file has lost, in words for people; undefined when it is whole. `thoroughly` reads all rows, however many. */
export function findLoss(database: DatabaseSync, thoroughly: boolean): string | undefined {
  try {
    return compareProof(database, thoroughly);
  } catch (error) {
    if (!isBroken(error)) throw error;
    return messageOf(error);
  }
}

function compareProof(database: DatabaseSync, thoroughly: boolean): string | undefined {
  const known = readProof(database);
  if (!known) return "what it says of itself is gone";
  const index = database.prepare(places).get();
  if (index?.["blocks"] !== known.blocks) return `${index?.["blocks"]} of ${known.blocks} blocks are found`;
  if (index["places"] !== known.places) return "its index leads to other blocks than were written";
  if (!thoroughly && known.blocks > quickBlocks) return undefined;
  const rows = database.prepare(marks).get();
  if (rows?.["blocks"] !== known.blocks) return `${rows?.["blocks"]} of ${known.blocks} blocks are there`;
  return rows["marks"] === known.marks ? undefined : "the times of a block are damaged";
}

/** Makes the index anew; false when SQLite cannot. */
export function renewIndex(database: DatabaseSync): boolean {
  try {
    database.exec("reindex block_of_group");
    return true;
  } catch (error) {
    if (!isBroken(error)) throw error;
    return false;
  }
}

function readProof(database: DatabaseSync): { blocks: number; places: number; marks: number } | undefined {
  const hasTable = database.prepare("select 1 from sqlite_schema where name = 'proof'").get();
  const row = hasTable && database.prepare("select blocks, places, marks from proof").get();
  return row && { blocks: Number(row["blocks"]), places: Number(row["places"]), marks: Number(row["marks"]) };
}
