import type { Judgement } from "#pkg/contracts/alerting.ts";

/** What has to be written about one (rule, label set). */
export interface Change {
  ruleId: string;
  fingerprint: string;
  /** Where its state stands; null when the state is to be forgotten. */
  slot: number | null;
  /** In order. Empty when only the stored state has to follow. */
  judgements: readonly Judgement[];
}

/** Changes that are not stored yet. Those with a judgement wait in order; the others wait for the next checkpoint. */
export interface Changes {
  /** The state of a slot changed, but nothing that anybody sees. */
  touch(ruleId: string, fingerprint: string, slot: number): void;
  say(ruleId: string, fingerprint: string, slot: number | null, judgement: Judgement): void;
  /** The slot is gone: its stored state goes too. */
  forget(ruleId: string, fingerprint: string): void;
  /** At most `limit` changes with judgements, oldest first. */
  takeLoud(limit: number): Change[];
  takeAll(): Change[];
  /** What could not be written stands in front again; what came meanwhile follows. */
  putBack(taken: readonly Change[]): void;
  isEmpty(): boolean;
  /** Changes with judgements, and how many judgements they hold. */
  waiting(): { changes: number; judgements: number };
}

export function createChanges(): Changes {
  let loud = new Map<string, Change>();
  let quiet = new Map<string, Change>();
  let judgements = 0;

  const take = (limit: number): Change[] => {
    const taken: Change[] = [];
    for (const [key, change] of loud) {
      if (taken.length >= limit) break;
      loud.delete(key);
      judgements -= change.judgements.length;
      taken.push(change);
    }
    return taken;
  };
  const put = (change: Change) => {
    const key = `${change.ruleId}:${change.fingerprint}`;
    const known = loud.get(key);
    judgements += change.judgements.length;
    const merged = { ...change, judgements: [...(known?.judgements ?? []), ...change.judgements] };
    if (merged.judgements.length === 0) {
      quiet.set(key, merged);
      return;
    }
    quiet.delete(key);
    loud.set(key, merged);
  };

  return {
    touch: (ruleId, fingerprint, slot) => put({ ruleId, fingerprint, slot, judgements: [] }),
    say: (ruleId, fingerprint, slot, judgement) => put({ ruleId, fingerprint, slot, judgements: [judgement] }),
    forget: (ruleId, fingerprint) => put({ ruleId, fingerprint, slot: null, judgements: [] }),
    takeLoud: take,
    takeAll() {
      const taken = [...take(Number.POSITIVE_INFINITY), ...quiet.values()];
      quiet = new Map();
      return taken;
    },
    putBack(taken) {
      const [newerLoud, newerQuiet] = [loud.values(), quiet.values()];
      [loud, quiet, judgements] = [new Map(), new Map(), 0];
      for (const change of [...taken, ...newerLoud, ...newerQuiet]) put(change);
    },
    isEmpty: () => loud.size + quiet.size === 0,
    waiting: () => ({ changes: loud.size, judgements }),
  };
}
