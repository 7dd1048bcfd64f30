import { checkConfig } from "#pkg/config/check.ts";
import { AppError } from "#pkg/errors/errors.ts";
import type { SecretManager } from "#pkg/secret/port.ts";
import { type FoundReference, findReferences, replaceReferences } from "#pkg/secret/references.ts";
import type { Scrubber } from "#pkg/secret/scrub.ts";
import { type NodeConfig, nodeConfig, type ReadConfig } from "../config/config.ts";

/** What goes into the database keeps its references there; a contact's are replaced when a message goes out. */
const stays = ["rules", "contacts", "routes"] as const;

/**
 * The configuration with the values of its secrets, checked again. Throws `AppError("config")` with the place and the
 * command that sets it when one is missing. What comes back is not for people's eyes.
 */
export async function resolveConfig(
  read: ReadConfig,
  secrets: Pick<SecretManager, "get">,
  dataFolder: string,
): Promise<ReadConfig> {
  const references = findReferences(read.value);
  const values = await readValues(references, secrets, { locate: read.locate, dataFolder });
  const kept = Object.fromEntries(stays.map((section) => [section, read.value[section]]));
  const replaced = { ...(replaceReferences(read.value, values) as NodeConfig), ...kept }; // texts took the place of texts
  if (references.length === 0) return read;
  return { ...read, value: checkConfig(nodeConfig, replaced, read.locate, { mayRefer: true }) };
}

async function readValues(
  references: readonly FoundReference[],
  secrets: Pick<SecretManager, "get">,
  { locate, dataFolder }: Pick<ReadConfig, "locate"> & { dataFolder: string },
): Promise<Map<string, string>> {
  const values = new Map<string, string>();
  const missing: FoundReference[] = [];
  for (const reference of references) {
    const value = await secrets.get(reference.name);
    if (value === undefined) missing.push(reference);
    else values.set(reference.name, value);
  }
  const [first] = missing;
  if (!first) return values;
  throw new AppError("config", {
    at: locate(first.path),
    message: `there is no secret "${first.name}"${missing.length > 1 ? ` (and ${missing.length - 1} more)` : ""}`,
    mend: `set it: npx detectviz secret set ${first.name} --data ${dataFolder} (the value on standard input)`,
    fields: missing.map(({ path, name }) => ({
      pointer: `/${path.join("/")}`,
      detail: `${locate(path)}: no secret "${name}"`,
    })),
  });
}

/** Runs `work`; what it refuses shows `secret://name` where it would quote a value. */
export function withoutValues<R>(scrubber: Scrubber, work: () => R): R {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    const { code, at, mend, fields } = error;
    throw new AppError(code, {
      message: scrubber.scrub(error.detail),
      ...(at === undefined ? {} : { at: scrubber.scrub(at) }),
      ...(mend === undefined ? {} : { mend: scrubber.scrub(mend) }),
      fields: fields.map(({ pointer, detail }) => ({ pointer, detail: scrubber.scrub(detail) })),
    });
  }
}

/** Whether the files name this secret. Files that cannot be read may: they are looked at again. */
export function namesSecret(readConfig: () => ReadConfig, name: string): boolean {
  try {
    return findReferences(readConfig().value).some((reference) => reference.name === name);
  } catch (error) {
    if (error instanceof AppError) return true;
    throw error;
  }
}
