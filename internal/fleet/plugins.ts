/** The version we build and test with. */
export const telegrafVersion = "1.39.3";

/** Older ones do not know `--strict-env-handling` with `config check`. */
export const minimumVersion = "1.38.0";

/** What rendered files use, by the word that `telegraf plugins` wants. */
export const requiredPlugins = {
  inputs: ["inputs.internal", "inputs.modbus", "inputs.snmp"],
  outputs: ["outputs.influxdb_v2"],
  processors: ["processors.starlark"],
} as const;

/** Go build tags of a Telegraf that holds just these. */
export const buildTags = ["custom", ...Object.values(requiredPlugins).flat()].join(",");

/** Whether `version` (`1.39.3`, a suffix does not count) is at least `least`. */
export function isAtLeast(version: string, least: string): boolean {
  const parts = (text: string) => text.split(/[.-]/).map((part) => Number.parseInt(part, 10) || 0);
  const [a, b] = [parts(version), parts(least)];
  for (let index = 0; index < 3; index += 1) {
    const difference = (a[index] ?? 0) - (b[index] ?? 0);
    if (difference !== 0) return difference > 0;
  }
  return true;
}
