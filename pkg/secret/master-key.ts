import { randomBytes } from "node:crypto";
import {
  closeSync,
  existsSync,
  fsyncSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { AppError } from "#pkg/errors/errors.ts";

/** The key that wraps the data keys, and how it is renewed. */
export interface MasterKey {
  /** Where it is, for people: the file, or the variable's name. */
  readonly at: string;
  /** Keys that may fit, the likeliest first: more than one after a renewal that was cut short, or was asked for. */
  readonly candidates: readonly Buffer[];
  /** True when the first candidate shall be the key from now on, whichever of them fits. */
  readonly renew: boolean;
  /** The one that fits is known: what is left of a renewal goes. */
  settle(key: Buffer): void;
  /** Makes the very first key, where there is none. */
  make(): Buffer;
  /** Writes a new key beside the old one; `settle` with it puts it in place. Throws when the environment holds the key. */
  next(): Buffer;
}

const variable = "DETECTVIZ_SECRET_KEY";

/**
 * The key of the environment (`DETECTVIZ_SECRET_KEY`, 32 bytes in base64 or hex; with `DETECTVIZ_SECRET_KEY_OLD` beside
 * it everything is encrypted anew at the start), else of `<folder>/secret.key` (0600).
 * Throws `AppError("config")` when it is malformed or readable by others.
 */
export function readMasterKey(folder: string, environment: NodeJS.ProcessEnv): MasterKey {
  const given = environment[variable];
  return given ? ofEnvironment(given, environment) : ofFile(join(folder, "secret.key"));
}

/** Takes the key out of an environment that child processes would inherit. */
export function forgetKey(environment: NodeJS.ProcessEnv): void {
  delete environment[variable];
  delete environment[`${variable}_OLD`];
}

function ofEnvironment(given: string, environment: NodeJS.ProcessEnv): MasterKey {
  const old = environment[`${variable}_OLD`];
  const at = `environment variable ${variable}`;
  const key = toKey(given, at);
  const candidates = [key, ...(old ? [toKey(old, `${at}_OLD`)] : [])];
  return {
    at,
    candidates,
    renew: candidates.length > 1,
    settle() {}, // the environment is not ours to write
    make: () => key,
    next() {
      throw new AppError("conflict", {
        at,
        message: "the key comes from the environment, which the node cannot change",
        mend: `start once with the new key in ${variable} and the old one in ${variable}_OLD`,
      });
    },
  };
}

function ofFile(file: string): MasterKey {
  const nextFile = `${file}.next`;
  const write = (name: string) => {
    const key = randomBytes(32);
    rmSync(nextFile, { force: true });
    writeKey(name, key);
    return key;
  };
  return {
    at: file,
    candidates: [file, nextFile].filter((one) => existsSync(one)).map(readKey),
    renew: false,
    settle(key) {
      if (existsSync(nextFile) && readKey(nextFile).equals(key)) renameSync(nextFile, file);
      else rmSync(nextFile, { force: true });
    },
    make: () => write(file),
    next: () => write(nextFile),
  };
}

function writeKey(file: string, key: Buffer): void {
  const descriptor = openSync(file, "wx", 0o600);
  writeSync(descriptor, `${key.toString("base64")}\n`);
  fsyncSync(descriptor);
  closeSync(descriptor);
  const folder = openSync(dirname(file), "r");
  fsyncSync(folder);
  closeSync(folder);
}

function readKey(file: string): Buffer {
  if ((statSync(file).mode & 0o077) !== 0) {
    throw new AppError("config", {
      at: file,
      message: "others on this machine can read the key of the secrets",
      mend: `chmod 600 ${file}; if somebody may have read it: npx detectviz secret rotate --key`,
    });
  }
  return toKey(readFileSync(file, "utf8").trim(), file);
}

function toKey(text: string, at: string): Buffer {
  const key = /^[0-9a-fA-F]{64}$/.test(text) ? Buffer.from(text, "hex") : Buffer.from(text, "base64");
  if (key.length === 32) return key;
  throw new AppError("config", {
    at,
    message: "this is no key: 32 bytes in base64 or hex are needed",
    mend: "put back the key that was here, or make a first one with: openssl rand -base64 32",
  });
}
