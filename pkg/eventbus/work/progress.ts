/** Which events a group has in hand and which are done; positions are places in the log. */
export interface Progress {
  /** The group has looked at all events up to here, in memory. */
  loadedTo: number;
  /** Events taken in hand and not done. */
  inHand(): number;
  /** Events done above the position, as that was when it was last asked for. */
  ahead(): number;
  /** Takes an event in hand; false when it was done before or is in hand. */
  take(seq: number): boolean;
  /** False when it was not in hand. */
  done(seq: number): boolean;
  isInHand(seq: number): boolean;
  /** Forgets what is in hand; the next reading starts at the position again. */
  rewind(): void;
  /** Goes back: all after `position` is to be done again. */
  setBack(position: number): void;
  /** Everything up to here is done. */
  position(): number;
  /** Done above the position and not yet written. */
  unwritten(): number[];
  /** They are on disk now. */
  written(seqs: readonly number[]): void;
}

/** Continues where the group stood: all up to `position` done, and beyond it what `acked` holds. */
export function createProgress(standing: { position: number; acked: ReadonlySet<number> }): Progress {
  /** Value: whether it is on disk. */
  const acked = new Map([...standing.acked].map((seq) => [seq, true]));
  /** Insertion order is log order, so the first entry is the oldest. */
  const open = new Set<number>();
  let doneTo = standing.position;

  const settle = (progress: Progress) => {
    const oldest = open.values().next();
    const position = oldest.done ? progress.loadedTo : oldest.value - 1;
    if (position <= doneTo) return;
    // Whichever is shorter: it is asked for after each event, also while 100,000 are done ahead of one that fails.
    if (position - doneTo < acked.size) for (let seq = doneTo + 1; seq <= position; seq++) acked.delete(seq);
    else for (const seq of acked.keys()) if (seq <= position) acked.delete(seq);
    doneTo = position;
  };

  const progress: Progress = {
    loadedTo: standing.position,
    inHand: () => open.size,
    ahead: () => acked.size,
    take(seq) {
      if (seq <= doneTo || acked.has(seq) || open.has(seq)) return false;
      open.add(seq);
      return true;
    },
    done(seq) {
      if (!open.delete(seq)) return false;
      acked.set(seq, false);
      return true;
    },
    isInHand: (seq) => open.has(seq),
    rewind() {
      settle(progress);
      open.clear();
      progress.loadedTo = doneTo;
    },
    setBack(position) {
      open.clear();
      acked.clear();
      doneTo = Math.min(doneTo, position);
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
