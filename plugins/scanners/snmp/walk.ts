import { NoAnswer, type SnmpSession } from "./client.ts";
import { pdus, type VarBind } from "./message.ts";
import { compareOids, isWithin, type Oid, toOidText } from "./oid.ts";
import { withoutFaulty } from "./refusal.ts";
import type { SnmpValue } from "./value.ts";

/** Columns in one GETNEXT, columns and rows in one GETBULK. */
const nextColumns = 12;
const bulkColumns = 6;
const bulkRows = 10;
/** Requests that one walk may cost, whatever the agent says: a hostile one cannot hold a scan for ever. */
const maxRequests = 5000;

/** One row of a column: the arcs behind the column's OID, and the value. */
export interface Row {
  index: Oid;
  value: SnmpValue;
}

interface Cursor {
  root: Oid;
  /** Ask for what comes after this. */
  at: Oid;
  rows: Row[];
  done: boolean;
}

export interface WalkOptions {
  /** Rows of one column at most; more are left out and told as an oddity. */
  maxRows: number;
  oddity(text: string): void;
}

/**
 * Walks columns side by side. Each is first probed by GETNEXT: what an answer skips over needs no question of its
 * own. Columns that have rows go on by GETBULK (version 2c) until it stays unanswered, else by GETNEXT.
 */
export async function walk(
  session: SnmpSession,
  roots: readonly Oid[],
  options: WalkOptions,
): Promise<Map<string, Row[]>> {
  const cursors: Cursor[] = roots.map((root) => ({ root, at: root, rows: [], done: false }));
  const bulk = { works: session.endpoint.version === "2c" };
  for (let requests = 0; ; requests++) {
    const open = cursors.filter((cursor) => !cursor.done);
    if (open.length === 0) break;
    if (requests === maxRequests) {
      options.oddity(`walk stopped after ${maxRequests} requests`);
      break;
    }
    const fresh = open.filter((cursor) => cursor.rows.length === 0);
    if (fresh.length > 0) await step(session, spread(fresh), cursors, options);
    else if (bulk.works) await bulkStep(session, open.slice(0, bulkColumns), options, bulk);
    else await step(session, open.slice(0, nextColumns), cursors, options);
  }
  return new Map(cursors.map(({ root, rows }) => [toOidText(root), rows]));
}

/** Columns far from each other: an answer to one then rules out as many of its neighbours as possible. */
function spread(cursors: readonly Cursor[]): Cursor[] {
  if (cursors.length <= nextColumns) return [...cursors];
  const stride = cursors.length / nextColumns;
  return Array.from({ length: nextColumns }, (_, i) => cursors[Math.floor(i * stride)]).filter((c) => c !== undefined);
}

async function step(session: SnmpSession, batch: readonly Cursor[], all: readonly Cursor[], options: WalkOptions) {
  const answer = await quiet(
    session.request(
      pdus.getNext,
      batch.map((cursor) => cursor.at),
    ),
    batch.length > 1,
  );
  if (answer?.errorStatus === 0 && answer.varBinds.length >= batch.length) {
    for (const [i, cursor] of batch.entries()) {
      const found = answer.varBinds[i];
      if (!found) continue;
      const askedAt = cursor.at;
      take(cursor, found, options);
      if (found.value.type !== "none") closeGap(all, askedAt, found.oid);
      else if (found.value.end) closeRest(all, askedAt);
    }
    return;
  }
  const left = withoutFaulty(
    batch.map((cursor) => cursor.at),
    answer,
  );
  if (left.length === 1) {
    for (const cursor of batch) if (!left[0]?.includes(cursor.at)) cursor.done = true;
  } else if (left.length === 0) {
    for (const cursor of batch) cursor.done = true;
  } else {
    const middle = Math.ceil(batch.length / 2);
    await step(session, batch.slice(0, middle), all, options);
    await step(session, batch.slice(middle), all, options);
  }
}

/** Whatever column starts between the name asked for and the name that came next has no rows. */
function closeGap(cursors: readonly Cursor[], from: Oid, to: Oid): void {
  if (compareOids(from, to) >= 0) return;
  for (const cursor of cursors) {
    const inside = compareOids(from, cursor.at) <= 0 && compareOids(cursor.at, to) < 0 && !isWithin(cursor.root, to);
    if (inside && cursor.rows.length === 0) cursor.done = true;
  }
}

/** The agent has nothing after this name. */
function closeRest(cursors: readonly Cursor[], from: Oid): void {
  for (const cursor of cursors) if (cursor.rows.length === 0 && compareOids(from, cursor.at) <= 0) cursor.done = true;
}

async function bulkStep(
  session: SnmpSession,
  batch: readonly Cursor[],
  options: WalkOptions,
  bulk: { works: boolean },
) {
  const answer = await quiet(
    session.request(
      pdus.getBulk,
      batch.map((cursor) => cursor.at),
      bulkRows,
    ),
    true,
  );
  if (answer?.errorStatus !== 0 || answer.varBinds.length === 0) {
    bulk.works = false;
    return;
  }
  for (const [i, found] of answer.varBinds.entries()) {
    const cursor = batch[i % batch.length];
    if (cursor && !cursor.done) take(cursor, found, options);
  }
}

function take(cursor: Cursor, { oid, value }: VarBind, { maxRows, oddity }: WalkOptions): void {
  if (value.type === "none" || !isWithin(cursor.root, oid) || oid.length === cursor.root.length) {
    cursor.done = true;
  } else if (compareOids(oid, cursor.at) <= 0) {
    oddity(`walk of ${toOidText(cursor.root)} does not increase at ${toOidText(oid)}`);
    cursor.done = true;
  } else if (cursor.rows.length === maxRows) {
    oddity(`more than ${maxRows} rows in ${toOidText(cursor.root)}`);
    cursor.done = true;
  } else {
    cursor.rows.push({ index: oid.slice(cursor.root.length), value });
    cursor.at = oid;
  }
}

/** Null instead of `NoAnswer` where a smaller or older request may still be answered. */
async function quiet<T>(request: Promise<T>, canRetryOtherwise: boolean): Promise<T | null> {
  try {
    return await request;
  } catch (error) {
    if (canRetryOtherwise && error instanceof NoAnswer && !error.aborted) return null;
    throw error;
  }
}
