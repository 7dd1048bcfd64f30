import type { Tags } from "#pkg/contracts/samples.ts";

/** Where fields come from: one measurement with one set of tags. `series` are the ids of its fields. */
export interface Origin {
  readonly measurement: string;
  /** Key, value, key, value …: one array an origin instead of one per tag, since there are many. */
  readonly flatTags: readonly string[];
  /** Label names of the tags, in their order; a list that many origins share. */
  readonly names: readonly string[];
  readonly series: number[];
  /** The next origin of the same hash, or -1. */
  readonly next: number;
}

/** All origins, by dense id in order of first sight. */
export interface Origins {
  /** Id of the origin; -1 when it is new. */
  find(measurement: string, tags: Tags): number;
  add(measurement: string, tags: Tags, names: readonly string[]): number;
  get(id: number): Origin;
  /** The same text, kept once however often it comes. */
  share(text: string): string;
  readonly size: number;
}

export function createOrigins(): Origins {
  const list: Origin[] = [];
  const byHash = new Map<number, number>();
  const strings = new Map<string, string>();
  const share = (text: string) => {
    const known = strings.get(text);
    if (known !== undefined) return known;
    strings.set(text, text);
    return text;
  };
  const get = (id: number) => {
    const origin = list[id];
    if (!origin) throw new RangeError(`there is no origin ${id}`);
    return origin;
  };
  return {
    get,
    share,
    get size() {
      return list.length;
    },
    find(measurement, tags) {
      let id = byHash.get(hashOf(measurement, tags)) ?? -1;
      while (id >= 0 && !isSame(get(id), measurement, tags)) id = get(id).next;
      return id;
    },
    add(measurement, tags, names) {
      const hash = hashOf(measurement, tags);
      const flatTags = tags.flatMap(([key, value]) => [share(key), share(value)]);
      list.push({ measurement: share(measurement), flatTags, names, series: [], next: byHash.get(hash) ?? -1 });
      byHash.set(hash, list.length - 1);
      return list.length - 1;
    },
  };
}

/** The tags of an origin as pairs. */
export function toTags(origin: Origin): Tags {
  const tags: [string, string][] = [];
  for (let i = 0; i < origin.flatTags.length; i += 2) {
    tags.push([origin.flatTags[i] ?? "", origin.flatTags[i + 1] ?? ""]);
  }
  return tags;
}

function isSame(origin: Origin, measurement: string, tags: Tags): boolean {
  if (origin.measurement !== measurement || origin.flatTags.length !== tags.length * 2) return false;
  return tags.every(([key, value], i) => origin.flatTags[2 * i] === key && origin.flatTags[2 * i + 1] === value);
}

/** FNV-1a over the text, in 30 bits so that the map's keys stay small integers. */
function hashOf(measurement: string, tags: Tags): number {
  let hash = mix(0x811c9dc5, measurement);
  for (const [key, value] of tags) hash = mix(mix(hash, key) ^ 61, value);
  return hash & 0x3fffffff;
}

function mix(start: number, text: string): number {
  let hash = start;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash;
}
