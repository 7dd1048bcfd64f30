import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { DeviceProfile } from "#pkg/contracts/profile.ts";
import { AppError } from "#pkg/errors/errors.ts";
import { type ParsedProfile, parseProfile } from "./parse.ts";

/** Hears of a profile that is left out: an `AppError("config")` with file, line and key. */
export type OnFault = (fault: AppError) => void;

/**
 * Reads every `<vendor>/<name>.yaml` below the folders, in order; a later folder replaces a profile of an earlier one
 * by the same id, so a site can mend a shipped profile in its own folder. A folder that does not exist has none.
 * A wrong file goes to `onFault` and the others serve; without it the first one is thrown.
 */
export async function readProfiles(
  folders: readonly string[],
  onFault: OnFault = (fault) => {
    throw fault;
  },
): Promise<DeviceProfile[]> {
  const parsed = new Map<string, ParsedProfile>();
  for (const folder of folders) {
    for (const one of await readFolder(folder, onFault)) parsed.set(one.profile.id, one);
  }
  return [...parsed.values()].flatMap((one) => orFault(() => withIncluded(one, parsed, []), onFault));
}

async function readFolder(folder: string, onFault: OnFault): Promise<ParsedProfile[]> {
  const names = await listYaml(folder);
  const texts = await Promise.all(names.map((name) => readFile(join(folder, name), "utf8")));
  return names.flatMap((name, index) => {
    const id = name.replaceAll("\\", "/").replace(/\.ya?ml$/, "");
    return orFault(() => parseProfile(id, join(folder, name), texts[index] ?? ""), onFault);
  });
}

/** What `make` gives, or nothing when the file is wrong. */
function orFault<T>(make: () => T, onFault: OnFault): T[] {
  try {
    return [make()];
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    onFault(error);
    return [];
  }
}

/** `<vendor>/<name>.yaml`; deeper files are test cases. */
async function listYaml(folder: string): Promise<string[]> {
  try {
    const names = await readdir(folder, { recursive: true });
    return names.filter((name) => /^[^/\\]+[/\\][^/\\]+\.ya?ml$/.test(name)).sort();
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return [];
    throw error;
  }
}

/** The profile with the readings of those it includes behind its own. */
function withIncluded(
  one: ParsedProfile,
  all: ReadonlyMap<string, ParsedProfile>,
  path: readonly string[],
): DeviceProfile {
  const { profile, include, file } = one;
  if (include.length === 0) return profile;
  if (path.includes(profile.id)) {
    throw new AppError("config", {
      at: file,
      message: `include goes in a circle: ${[...path, profile.id].join(" → ")}`,
    });
  }
  const parts = include.map((id) => {
    const part = all.get(id);
    if (!part) throw new AppError("config", { at: file, message: `include names ${id}, which does not exist` });
    return withIncluded(part, all, [...path, profile.id]);
  });
  const readings = [...profile.readings, ...parts.flatMap(includedReadings)];
  return { ...profile, readings };
}

/** What a part leaves optional stays so in a profile that is not optional as a whole. */
function includedReadings({ readings, optional }: DeviceProfile): DeviceProfile["readings"] {
  return optional ? readings.map((reading) => ({ ...reading, optional: true })) : readings;
}
