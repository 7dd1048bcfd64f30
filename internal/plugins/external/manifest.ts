import { readFile, realpath, stat } from "node:fs/promises";
import { join, sep } from "node:path";
import { type Static, Type } from "typebox";
import { checkConfig } from "#pkg/config/check.ts";
import { AppError, messageOf } from "#pkg/errors/errors.ts";

const manifestSchema = Type.Object(
  {
    kind: Type.Union([Type.Literal("notifier"), Type.Literal("scanner")], { description: "notifier or scanner." }),
    id: Type.String({
      description: "Unique within its kind: lower-case letters, digits and -.",
      pattern: "^[a-z][a-z0-9-]{0,49}$",
    }),
    version: Type.String({ description: "As 1.2.3.", pattern: "^\\d+\\.\\d+\\.\\d+([-+][0-9A-Za-z.-]{1,50})?$" }),
    description: Type.Optional(Type.String({ description: "One sentence for people.", maxLength: 500 })),
    main: Type.Optional(
      Type.String({
        description: "The file that exports the plugin, inside its folder; without it index.js or index.ts.",
        pattern: "^[A-Za-z0-9_-][A-Za-z0-9._-]*(/[A-Za-z0-9_-][A-Za-z0-9._-]*)*\\.(js|mjs|ts|mts)$",
        maxLength: 200,
      }),
    ),
  },
  { additionalProperties: false },
);

/** `plugin.json` of a plugin's folder, checked. */
export interface Manifest extends Omit<Static<typeof manifestSchema>, "main"> {
  folder: string;
  /** Absolute path of the file to load; links are resolved. */
  main: string;
}

const maxBytes = 64 * 1024;
const everyoneMayWrite = 0o002;

/** Reads and checks `plugin.json`. Throws `AppError("config")` that names the file and the mend. */
export async function readManifest(folder: string): Promise<Manifest> {
  const file = join(folder, "plugin.json");
  await refuseOpenToAll(folder);
  const { main, ...manifest } = checkConfig(manifestSchema, await parse(file), (path) =>
    path.length > 0 ? `${file} ${path.join(".")}` : file,
  );
  return { ...manifest, folder, main: await findMain(folder, main) };
}

async function parse(file: string): Promise<unknown> {
  try {
    if ((await stat(file)).size > maxBytes) throw new Error(`larger than ${maxBytes} bytes`);
    const value: unknown = JSON.parse(await readFile(file, "utf8"));
    if (typeof value !== "object" || value === null || Array.isArray(value)) throw new Error("no JSON object");
    return value;
  } catch (error) {
    const message = `the plugin's manifest cannot be read: ${messageOf(error)}`;
    throw new AppError("config", { at: file, message, mend: "docs/plugins.md shows one", cause: error });
  }
}

async function findMain(folder: string, named: string | undefined): Promise<string> {
  const root = await realpath(folder);
  for (const name of named === undefined ? ["index.js", "index.ts"] : [named]) {
    const file = await resolveLinks(join(root, name));
    if (file === undefined) continue;
    if (file.startsWith(root + sep) && (await stat(file)).isFile()) {
      await refuseOpenToAll(file);
      return file;
    }
    const mend = "a plugin is whole in its own folder";
    throw new AppError("config", { at: join(folder, name), message: "leads out of the plugin's folder", mend });
  }
  const message = named === undefined ? "there is neither index.js nor index.ts" : `there is no ${named}`;
  throw new AppError("config", { at: folder, message, mend: "put the file there, or correct main in plugin.json" });
}

async function resolveLinks(file: string): Promise<string | undefined> {
  try {
    return await realpath(file);
  } catch {
    return undefined;
  }
}

/** What everyone on this machine may change would run with the node's rights. */
async function refuseOpenToAll(path: string): Promise<void> {
  if (((await stat(path)).mode & everyoneMayWrite) === 0) return;
  throw new AppError("config", {
    at: path,
    message: "everyone on this machine may change it, and it would run with the node's rights",
    mend: `chmod o-w ${path}`,
  });
}
