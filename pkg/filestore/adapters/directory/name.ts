import { AppError } from "#pkg/errors/errors.ts";

const longestName = 500;
/** File systems take 255 bytes; what is being written has 18 more. */
const longestPartBytes = 200;
/** The store's own. */
export const versionsFolder = ".versions";
export const unfinished = ".tmp~";

/** The parts of a relative, `/`-separated name without anything that steps up or aside. Throws `AppError("bad_request")`. */
export function parseName(name: string): string[] {
  const parts = name.split("/");
  const fault = name.length > longestName ? `it has more than ${longestName} characters` : findFault(name, parts);
  if (fault !== undefined) throw refusedName(name, fault);
  return parts;
}

function findFault(name: string, parts: readonly string[]): string | undefined {
  if (parts.some((part) => part === "" || part === "." || part === ".."))
    return "it is no relative name inside the folder";
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  if (/[\x00-\x1f\x7f\\]/.test(name)) return "it has a control character or a backslash";
  // Two names that look the same must not be two files here and one file elsewhere.
  if (!name.isWellFormed() || name !== name.normalize("NFC")) return "it is not in Unicode's composed form (NFC)";
  if (parts.some((part) => Buffer.byteLength(part) > longestPartBytes))
    return `a part has more than ${longestPartBytes} bytes`;
  if (parts[0]?.toLowerCase() === versionsFolder || name.endsWith(unfinished))
    return "the store keeps that name for itself";
  return undefined;
}

export function refusedName(name: string, why: string): AppError {
  return new AppError("bad_request", {
    at: JSON.stringify(name.slice(0, longestName)),
    message: why,
    mend: 'name it like "folder/file.toml"',
  });
}
