import type { GroupStanding } from "./store.ts";

/** Which events a group has in hand and which are done; positions are places in the log. */
export interface Progress {
  /** The group has looked at all events up to here, in memory. */
  loadedTo: number;
  /** Events taken in hand and not done. */
  inHand(): number;
  /** Events done above the position. */
  ahead(): number;
  /** Takes an event in hand; false when it was done before. */
  take(seq: number): boolean;
  done(seq: number): void;
  /** Forgets what is in hand; the next reading starts at the position again. */
  rewind(): void;
  /** Everything up to here is done. */
  position(): number;
  /** Done above the position and not yet written. */
  unwritten(): number[];
  /** They are on disk now. */
  written(seqs: readonly number[]): void;
}

/** Continues where the group stood. */
export function createProgress(standing: GroupStanding): Progress {
  /** Value: whether it is on disk. */
  const acked = new Map([...standing.acked].map((seq) => [seq, true]));
  /** Insertion order is log order, so the first entry is the oldest. */
  const open = new Set<number>();
  let doneTo = standing.position;

  const settle = (progress: Progress) => {
    const oldest = open.values().next();
    const position = oldest.done ? progress.loadedTo : oldest.value - 1;
    if (position <= doneTo) return;
    doneTo = position;
    for (const seq of acked.keys()) if (seq <= position) acked.delete(seq);
  };

  const progress: Progress = {
    loadedTo: standing.position,
    inHand: () => open.size,
    ahead: () => acked.size,
    take(seq) {
      if (acked.has(seq)) return false;
      open.add(seq);
      return true;
    },
    done(seq) {
      open.delete(seq);
      acked.set(seq, false);
    },
    rewind() {
      settle(progress);
      open.clear();
      progress.loadedTo = doneTo;
    },
    position() {
      settle(progress);
      return doneTo;
    },
    unwritten: () => [...acked].filter(([, isWritten]) => !isWritten).map(([seq]) => seq),
    written(seqs) {
      for (const seq of seqs) if (acked.has(seq)) acked.set(seq, true);
    },
  };
  return progress;
}
