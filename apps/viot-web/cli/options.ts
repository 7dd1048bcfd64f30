import { resolve } from "node:path";

/** Flags that every command takes. */
export interface CommonOptions {
  config: string;
  data: string;
  json: boolean;
}

/** Paths as the person meant them: relative to where the command was called. */
export function toPaths(options: CommonOptions): { configFile: string; dataFolder: string } {
  return { configFile: resolve(options.config), dataFolder: resolve(options.data) };
}
