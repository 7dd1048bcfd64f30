import type { Outcome, RemoteStore } from "./port.ts";
import type { Rows } from "./rows.ts";

/** What became of a request's samples. */
export interface Delivered {
  taken: number;
  refused: number;
  leftOut: number;
}

/** Outcomes that say nothing about the samples. */
export type Unsettled = Extract<Outcome, { kind: "away" | "denied" }>;
type Settled = Exclude<Outcome, Unsettled>;

export interface DeliverDeps {
  store: Pick<RemoteStore, "write">;
  /** Waits before the next try; false: give these samples up. */
  again(outcome: Unsettled): Promise<boolean>;
  /** The store answered about the samples. */
  onAnswer(): void;
  setAside(rows: Rows, from: number, to: number, words: string): Promise<void>;
  /** Whether it is worth looking for the lines behind these words, which cost a request or two each. */
  mayLookFor(words: string): boolean;
}

/** Brings requests to one store. */
export interface Deliverer {
  /** Tries until all is settled; undefined when `again` gave up. */
  deliver(rows: Rows): Promise<Delivered | undefined>;
}

/** Thrown through the search when `again` gives up. */
class GivenUp extends Error {}

const probes = 16;

/**
 * Tries again while the store is away, and takes a refused request apart until the refused samples are alone, in the
 * order of the log: some stores take no older sample once they have a newer. When a whole request was refused, the next
 * refused one is probed first, so that an hour of samples that nobody wants is through soon.
 */
export function createDeliverer(deps: DeliverDeps): Deliverer {
  let isHopeless = false;
  return {
    async deliver(rows) {
      const done: Delivered = { taken: 0, refused: 0, leftOut: 0 };
      try {
        await search(deps, rows, { from: 0, to: rows.length }, done, isHopeless);
      } catch (error) {
        if (error instanceof GivenUp) return undefined;
        throw error;
      }
      isHopeless = done.taken === 0 && done.refused > probes;
      return done;
    },
  };
}

/** A part of a request. */
interface Part {
  from: number;
  to: number;
}

async function search(deps: DeliverDeps, rows: Rows, part: Part, done: Delivered, isHopeless: boolean): Promise<void> {
  const { outcome, leftOut } = await writePart(deps, rows, part);
  const count = part.to - part.from;
  if (outcome.kind === "taken") {
    done.leftOut += leftOut;
    done.taken += count - leftOut;
  } else if (outcome.kind === "partial" && !deps.mayLookFor(outcome.words)) {
    const refused = Math.min(outcome.refused, count - leftOut);
    await deps.setAside(rows, part.from, part.from, `${outcome.words} (${refused} samples)`);
    done.refused += refused;
    done.leftOut += leftOut;
    done.taken += count - leftOut - refused;
  } else if (count === 1 || (isHopeless && (await areAllRefused(deps, rows, part)))) {
    await deps.setAside(rows, part.from, part.to, outcome.words);
    done.refused += count;
  } else {
    const middle = (part.from + part.to) >>> 1;
    await search(deps, rows, { from: part.from, to: middle }, done, false);
    await search(deps, rows, { from: middle, to: part.to }, done, false);
  }
}

async function areAllRefused(deps: DeliverDeps, rows: Rows, { from, to }: Part): Promise<boolean> {
  const stride = Math.max(1, Math.floor((to - from) / probes));
  for (let row = from; row < to; row += stride) {
    const { outcome } = await writePart(deps, rows, { from: row, to: row + 1 });
    if (outcome.kind === "taken") return false;
  }
  return true;
}

async function writePart(
  deps: DeliverDeps,
  rows: Rows,
  { from, to }: Part,
): Promise<{ outcome: Settled; leftOut: number }> {
  for (;;) {
    const { outcome, leftOut } = await deps.store.write(rows, from, to);
    if (outcome.kind !== "away" && outcome.kind !== "denied") {
      deps.onAnswer();
      return { outcome, leftOut };
    }
    if (!(await deps.again(outcome))) throw new GivenUp();
  }
}
