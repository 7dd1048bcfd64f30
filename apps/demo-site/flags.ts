import { parseArgs } from "node:util";

/** Where the site stands. */
export interface Flags {
  /** Address of the first device; the others follow it. */
  hostBase: string;
  http: { host: string; port: number };
  smtp: { host: string; port: number };
  /** The same seed gives the same values and faults. */
  seed: number;
  /** Goes on when standard input ends. */
  stay: boolean;
}

export const usage =
  "demo-site --host-base 127.0.9.1 --http 127.0.0.1:8681 --smtp 127.0.0.1:8625 --seed 1 [--stay]\n" +
  "Simulated devices on loopback addresses, and an inbox. Ends with its standard input unless --stay is given.";

/** Reads the command line. Throws `RangeError` that names the flag. */
export function parseFlags(argv: readonly string[]): Flags {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      "host-base": { type: "string", default: "127.0.9.1" },
      http: { type: "string", default: "127.0.0.1:8681" },
      smtp: { type: "string", default: "127.0.0.1:8625" },
      seed: { type: "string", default: "1" },
      stay: { type: "boolean", default: false },
    },
  });
  const seed = Number(values.seed);
  if (!Number.isSafeInteger(seed)) throw new RangeError(`--seed ${values.seed} is no whole number`);
  return {
    hostBase: parseLoopback("--host-base", values["host-base"]),
    http: parseEndpoint("--http", values.http),
    smtp: parseEndpoint("--smtp", values.smtp),
    seed,
    stay: values.stay,
  };
}

function parseEndpoint(flag: string, text: string): { host: string; port: number } {
  const [, host, port] = /^(.+):(\d+)$/.exec(text) ?? [];
  if (host === undefined || Number(port) > 65_535) throw new RangeError(`${flag} ${text} is not HOST:PORT`);
  return { host: parseLoopback(flag, host), port: Number(port) };
}

/** The demo speaks to this machine only. */
function parseLoopback(flag: string, address: string): string {
  if (/^127(\.(25[0-5]|2[0-4]\d|1?\d?\d)){3}$/.test(address)) return address;
  throw new RangeError(`${flag} ${address} is no loopback address (127.x.y.z)`);
}

/** The address `offset` further on. */
export function addressAt(base: string, offset: number): string {
  const number = base.split(".").reduce((sum, part) => sum * 256 + Number(part), 0) + offset;
  return [24, 16, 8, 0].map((shift) => (number >>> shift) & 255).join(".");
}
