interface Level {
  threshold: number;
  reset: number;
  forMs: number;
  keepFiringForMs: number;
}

/** One change of an alert, as it has to happen. */
export interface Change {
  what: "opened" | "level_changed" | "closed";
  from: "warning" | "critical" | undefined;
  to: "warning" | "critical" | undefined;
  atMs: number;
  value: number;
}

/**
 * The rule "value > threshold" told in the plainest way: the whole history of a series is kept and looked through again
 * at every sample. Slow, and written without a look at the engine's state machine.
 */
export function createReference(levels: { warning: Level; critical: Level }) {
  const history = new Map<string, { atMs: number; value: number; warning: boolean; critical: boolean }[]>();
  const changes = new Map<string, Change[]>();

  /** How long, up to the newest sample, all samples have been as `test` says; undefined when the newest is not. */
  const lasting = (samples: readonly { atMs: number; value: number }[], test: (value: number) => boolean) => {
    let fromMs: number | undefined;
    for (let i = samples.length - 1; i >= 0; i--) {
      const sample = samples[i];
      if (sample === undefined || !test(sample.value)) break;
      fromMs = sample.atMs;
    }
    return fromMs === undefined ? undefined : (samples.at(-1)?.atMs ?? 0) - fromMs;
  };
  const isActive = (
    samples: readonly { atMs: number; value: number }[],
    wasActive: boolean,
    level: Level,
    carried: boolean,
  ) => {
    if (!wasActive) {
      const overMs = lasting(samples, (value) => value > level.threshold);
      return overMs !== undefined && (carried || overMs >= level.forMs);
    }
    const backMs = lasting(samples, (value) => !(value > level.reset));
    return backMs === undefined || backMs < level.keepFiringForMs;
  };

  return {
    sample(name: string, atMs: number, value: number) {
      const samples = history.get(name) ?? [];
      const before = samples.at(-1);
      const now = { atMs, value, warning: false, critical: false };
      samples.push(now);
      history.set(name, samples);
      now.critical = isActive(samples, before?.critical ?? false, levels.critical, false);
      now.warning = isActive(samples, before?.warning ?? false, levels.warning, now.critical);
      const [was, is] = [topOf(before), topOf(now)];
      if (was === is) return;
      const what = was === undefined ? "opened" : is === undefined ? "closed" : "level_changed";
      changes.set(name, [...(changes.get(name) ?? []), { what, from: was, to: is, atMs, value }]);
    },
    /** What has to happen to each alert, in order. */
    changes: changes as ReadonlyMap<string, readonly Change[]>,
    /** Everything that has to be heard, by series, in order. */
    told: () =>
      [...changes]
        .sort(([a], [b]) => a.localeCompare(b))
        .flatMap(([name, list]) => list.map(({ what, from, to, value }) => `${name} ${what} ${to ?? from} ${value}`)),
  };
}

function topOf(sample: { warning: boolean; critical: boolean } | undefined): "critical" | "warning" | undefined {
  return sample?.critical ? "critical" : sample?.warning ? "warning" : undefined;
}
