import { setImmediate as nextTurn } from "node:timers/promises";
import type { SeriesCatalogue } from "#pkg/tsdb/port.ts";

export type Labels = Readonly<Record<string, string>>;

/**
 * Which number series have the same labels: a field that once came as integer and once as float, say. A label set goes
 * by the id of its first series.
 */
export interface LabelIndex {
  /** Resolves when all series of now are known; many new ones take a while and leave others their turn. */
  ready(): Promise<void>;
  /** Label set of each series by id; for text series, which are in none, `noSet`. Waits for nothing. */
  sets(): Uint32Array;
  labels(set: number): Labels;
}

export const noSet = 0xffffffff;
const atOnce = 1000;

export function createLabelIndex(catalogue: SeriesCatalogue): LabelIndex {
  let sets = new Uint32Array(1024);
  let known = 0;
  // Only the first series of labels that share a hash; others are found by walking `alike`.
  const firstOf = new Map<number, number>();
  const alike = new Map<number, number[]>();
  const learn = (id: number) => {
    const { labels, kind } = catalogue.describe(id);
    if (kind === "string") return noSet;
    const hash = hashOf(labels);
    const first = firstOf.get(hash);
    if (first === undefined) {
      firstOf.set(hash, id);
      return id;
    }
    const rivals = [first, ...(alike.get(hash) ?? [])];
    const same = rivals.find((rival) => isSame(catalogue.describe(rival).labels, labels));
    if (same === undefined) alike.set(hash, [...rivals.slice(1), id]);
    return same ?? id;
  };
  const learnUpTo = (end: number) => {
    if (end > sets.length) {
      const larger = new Uint32Array(Math.max(end, sets.length * 2));
      larger.set(sets);
      sets = larger;
    }
    for (; known < end; known++) sets[known] = learn(known);
  };
  return {
    async ready() {
      while (catalogue.size - known > atOnce) {
        learnUpTo(known + atOnce);
        await nextTurn();
      }
      learnUpTo(catalogue.size);
    },
    sets() {
      learnUpTo(catalogue.size);
      return sets;
    },
    labels: (set) => catalogue.describe(set).labels,
  };
}

function isSame(a: Labels, b: Labels): boolean {
  const names = Object.keys(a);
  return names.length === Object.keys(b).length && names.every((name) => a[name] === b[name]);
}

/** FNV-1a of each pair, added up: two origins may order the same labels differently. */
function hashOf(labels: Labels): number {
  let hash = 0;
  for (const name of Object.keys(labels)) hash = (hash + mix(mix(0x811c9dc5, name) ^ 61, labels[name] ?? "")) | 0;
  return hash;
}

function mix(start: number, text: string): number {
  let hash = start;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash;
}
