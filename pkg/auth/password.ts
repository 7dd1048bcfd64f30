import { type Argon2Parameters, argon2, randomBytes, timingSafeEqual } from "node:crypto";
import { promisify } from "node:util";
import { AppError } from "#pkg/errors/errors.ts";

const derive = promisify(argon2);

/** OWASP's smallest advice for Argon2id: 19 MiB, two passes, one lane. */
const cost = { memory: 19_456, passes: 2, parallelism: 1 };
const tagLength = 32;
const maxWaiting = 32;

/** Hashes and checks passwords off the event loop, one at a time: more would hold up the disk, which shares the threads. */
export interface Passwords {
  /** PHC text with salt and cost. Throws `AppError("too_many")` when 32 others wait. */
  hash(password: string): Promise<string>;
  /** Takes as long when `stored` is undefined, so that an unknown name is not told apart by time. */
  verify(password: string, stored: string | undefined): Promise<boolean>;
}

export function createPasswords(): Passwords {
  const inTurn = createTurns();
  const hashOf = (message: string, nonce: Buffer, parameters: typeof cost) =>
    inTurn(() => derive("argon2id", { message, nonce, tagLength, ...parameters } satisfies Argon2Parameters));
  return {
    async hash(password) {
      const salt = randomBytes(16);
      return toPhc(cost, salt, await hashOf(password, salt, cost));
    },
    async verify(password, stored) {
      const { parameters, salt, tag } = stored === undefined ? nobody() : parsePhc(stored);
      const given = await hashOf(password, salt, parameters);
      return timingSafeEqual(given, tag) && stored !== undefined;
    },
  };
}

/** Runs one piece of work after the other. */
function createTurns(): <R>(work: () => Promise<R>) => Promise<R> {
  let last: Promise<unknown> = Promise.resolve();
  let waiting = 0;
  return (work) => {
    if (waiting === maxWaiting) {
      throw new AppError("too_many", { message: "too many log-ins at once", mend: "try again", retryAfterS: 2 });
    }
    waiting++;
    const result = last.then(work).finally(() => waiting--);
    last = result.catch(() => undefined); // told to its own caller
    return result;
  };
}

interface Phc {
  parameters: typeof cost;
  salt: Buffer;
  tag: Buffer;
}

function nobody(): Phc {
  return { parameters: cost, salt: randomBytes(16), tag: randomBytes(tagLength) };
}

const unpadded = (bytes: Buffer) => bytes.toString("base64").replaceAll("=", "");

function toPhc({ memory, passes, parallelism }: typeof cost, salt: Buffer, tag: Buffer): string {
  return `$argon2id$v=19$m=${memory},t=${passes},p=${parallelism}$${unpadded(salt)}$${unpadded(tag)}`;
}

function parsePhc(text: string): Phc {
  const match = /^\$argon2id\$v=19\$m=(\d+),t=(\d+),p=(\d+)\$([\w+/]+)\$([\w+/]{43})$/.exec(text);
  const [, memory, passes, parallelism, salt = "", tag = ""] = match ?? [];
  if (!match) {
    throw new AppError("internal", {
      at: "auth_user.password_hash",
      message: "is no Argon2id hash",
      mend: "restore the database from a backup",
    });
  }
  return {
    parameters: { memory: Number(memory), passes: Number(passes), parallelism: Number(parallelism) },
    salt: Buffer.from(salt, "base64"),
    tag: Buffer.from(tag, "base64"),
  };
}
