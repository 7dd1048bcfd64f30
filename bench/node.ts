import { join } from "node:path";
import nodeOptions from "../scripts/node-options.json" with { type: "json" };

/** The checkout. */
export const root = join(import.meta.dirname, "..");

/** V8's options, as `bin/detectviz.mjs` gives them to a node. */
export const nodeFlags: readonly string[] = nodeOptions.flags;

/** What it adds to the environment: a bench measures what people run. */
export const nodeEnvironment = { ...nodeOptions.environment, NODE_COMPILE_CACHE: join(root, ".cache/compile") };
