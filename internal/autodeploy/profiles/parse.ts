import { LineCounter, parseDocument } from "yaml";
import type { DeviceProfile } from "#pkg/contracts/profile.ts";
import { AppError } from "#pkg/errors/errors.ts";
import { checkProfile, type Fault } from "./check.ts";

/** A profile as its file says it, and the profiles whose readings it takes over. */
export interface ParsedProfile {
  profile: DeviceProfile;
  include: readonly string[];
  /** For messages. */
  file: string;
}

/**
 * Checks the text of one profile file. `id` is `<vendor>/<name>`, `file` is for messages.
 * Throws `AppError("config")` with every wrong place as `file:line` and key.
 */
export function parseProfile(id: string, file: string, text: string): ParsedProfile {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, merge: true });
  const [broken] = document.errors;
  if (broken)
    throw refusal(file, [{ line: lines.linePos(broken.pos[0]).line, detail: broken.message.split("\n")[0] ?? "" }]);
  const value: unknown = document.toJS();
  const faults = checkProfile(value);
  if (faults.length > 0) {
    throw refusal(
      file,
      faults.map(({ path, detail }) => ({ line: lineOf(path), detail: `${wording(path)}${detail}` })),
    );
  }
  // checkProfile has seen every key of it
  const { include = [], ...rest } = value as Omit<DeviceProfile, "id"> & { include?: string[] };
  return { profile: { ...defaults, ...rest, id }, include, file };

  function lineOf(path: Fault["path"]): number {
    for (let length = path.length; length >= 0; length--) {
      const node: unknown = length === 0 ? document.contents : document.getIn(path.slice(0, length), true);
      const start = hasRange(node) ? node.range[0] : undefined;
      if (start !== undefined) return lines.linePos(start).line;
    }
    return 1;
  }
}

const defaults = { match: [], identity: {}, readings: [] } as const satisfies Partial<DeviceProfile>;

function hasRange(node: unknown): node is { range: [number, number, number] } {
  return typeof node === "object" && node !== null && "range" in node && Array.isArray(node.range);
}

function wording(path: Fault["path"]): string {
  return path.length === 0 ? "" : `${path.join(".")}: `;
}

function refusal(file: string, faults: readonly { line: number; detail: string }[]): AppError {
  const [first] = faults;
  return new AppError("config", {
    at: `${file}:${first?.line ?? 1}`,
    message: faults.map((fault, i) => (i === 0 ? fault.detail : `line ${fault.line}: ${fault.detail}`)).join("; "),
    mend: "docs/profiles.md shows what a profile may hold",
  });
}
