import type { TSchema } from "typebox";
import { checkConfig } from "#pkg/config/check.ts";
import type { PluginHttp, PluginKind, PluginKinds } from "#pkg/contracts/plugin.ts";
import { AppError } from "#pkg/errors/errors.ts";
import type { Logger } from "#pkg/logger/port.ts";
import type { FoundPlugin } from "./find.ts";
import type { PluginShape, ProductShape } from "./messages.ts";
import { openPluginThread, type PluginThread, type ThreadLimits } from "./plugin-thread.ts";
import { neededMethods, toProduct } from "./products.ts";

/** One version of a plugin, loaded and made. */
export interface RunningVersion {
  found: FoundPlugin;
  /** Schema of `[plugins.<kind>.<id>]`. */
  config: TSchema;
  /** Schema of a notifier's channel settings. */
  target: TSchema | null;
  product: PluginKinds[PluginKind];
  /** Ends its thread once its calls have ended. */
  retire(): Promise<void>;
}

export interface VersionDeps {
  limits: ThreadLimits;
  /** What stands under `[plugins.<kind>.<id>]`, and where. */
  settings: unknown;
  locate(path: readonly (string | number)[]): string;
  http: PluginHttp;
  log: Logger;
  onFault(reason: string): void;
}

/** Loads a plugin in its own thread, checks it against its contract, and makes it. Throws `AppError` that says what is wrong. */
export async function openVersion(found: FoundPlugin, deps: VersionDeps): Promise<RunningVersion> {
  const { limits, http, log, onFault } = deps;
  const thread = await openPluginThread({ main: found.main, limits, http, log, onFault });
  try {
    checkShape(found, thread.shape);
    const schema = thread.shape.config as TSchema; // an object, as just checked; what it says is only ever applied
    const product = await thread.create(checkConfig(schema, deps.settings ?? {}, deps.locate));
    checkProduct(found, product);
    return toRunning(found, thread, schema, product);
  } catch (error) {
    await thread.retire();
    throw error;
  }
}

function toRunning(found: FoundPlugin, thread: PluginThread, config: TSchema, made: ProductShape): RunningVersion {
  const target = found.kind === "notifier" ? (made.target as TSchema) : null; // an object, as checked
  return { found, config, target, product: toProduct(found.kind, thread, made), retire: thread.retire };
}

function checkShape(found: FoundPlugin, shape: PluginShape): void {
  const { kind, id, config, canCreate } = shape;
  if (kind !== found.kind || id !== found.id) {
    refuse(`it exports ${String(kind)}/${String(id)}, and plugin.json says ${found.kind}/${found.id}`);
  }
  if (!isSchema(config)) refuse("config must be a JSON schema of an object: { type: 'object', properties: { … } }");
  if (!canCreate) refuse("create(host) is missing");
}

function checkProduct({ kind }: FoundPlugin, { methods, target }: ProductShape): void {
  const missing = neededMethods[kind].filter((name) => !methods.includes(name));
  if (missing.length > 0) refuse(`what create() gave back lacks ${missing.map((name) => `${name}()`).join(", ")}`);
  if (kind === "notifier" && !isSchema(target)) {
    refuse("what create() gave back lacks target, the JSON schema of a contact's channel");
  }
}

function isSchema(value: unknown): boolean {
  return typeof value === "object" && value !== null && (value as { type?: unknown }).type === "object";
}

function refuse(message: string): never {
  throw new AppError("unprocessable", { message, mend: "docs/plugins.md shows the contract" });
}
