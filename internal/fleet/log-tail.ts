import { closeSync, copyFileSync, fstatSync, openSync, readSync, truncateSync } from "node:fs";

/** The last lines of a growing log file, and its bound on disk. */
export interface LogTail {
  lines(): readonly string[];
  /** Reads what came since the last call; moves a file over the bound aside (`.1`) and starts it anew. */
  poll(): void;
}

const keptLines = 100;
const limitBytes = 1024 * 1024;
const lineLimit = 2000;

/** Follows `file`, which may not be there yet; the writer must have opened it for appending. */
export function createLogTail(file: string): LogTail {
  let lines: string[] = [];
  let offset: number | undefined;
  let rest = "";
  return {
    lines: () => lines,
    poll() {
      const news = readFrom(file, offset);
      if (news === undefined) return;
      offset = news.end;
      const parts = (rest + news.text).split("\n");
      rest = (parts.pop() ?? "").slice(-lineLimit);
      lines = [...lines, ...parts.map((line) => line.slice(0, lineLimit))].slice(-keptLines);
      // Only a file that was read to its end is turned over: nothing of it is lost to the tail.
      if (news.end < limitBytes || news.hasMore) return;
      copyFileSync(file, `${file}.1`);
      truncateSync(file, 0);
      offset = 0;
      rest = "";
    },
  };
}

interface Part {
  text: string;
  /** Where it ends in the file, in bytes. */
  end: number;
  hasMore: boolean;
}

/** The text after `offset`; at first sight only the last part of the file. Undefined when there is no file. */
function readFrom(file: string, offset: number | undefined): Part | undefined {
  const handle = open(file);
  if (handle === undefined) return undefined;
  try {
    const { size } = fstatSync(handle);
    const from = offset === undefined || offset > size ? Math.max(0, size - 64 * 1024) : offset;
    const bytes = Buffer.alloc(Math.min(size - from, limitBytes));
    readSync(handle, bytes, 0, bytes.length, from);
    const end = from + bytes.length;
    return { text: bytes.toString(), end, hasMore: end < size };
  } finally {
    closeSync(handle);
  }
}

function open(file: string): number | undefined {
  try {
    return openSync(file, "r");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined; // open() throws only system errors
    throw error;
  }
}
