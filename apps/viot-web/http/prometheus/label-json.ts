import { createJsonBytes, type JsonBytes } from "./json-bytes.ts";

type Labels = Readonly<Record<string, string>>;

/** JSON of label sets, kept: labels never change, and pages ask for the same series again and again. */
export interface LabelJson {
  /** Writes `{"metric":{…},"value`, as each item of an answer begins. */
  write(into: JsonBytes, set: number): void;
}

/** About 100,000 label sets; what is more pushes all out. */
const mostBytes = 32 * 2 ** 20;

export function createLabelJson(labelsOf: (set: number) => Labels): LabelJson {
  let kept = createJsonBytes();
  let keptBytes = kept.bytes();
  let places = new Map<number, { from: number; to: number }>();
  const learn = (set: number) => {
    if (kept.length > mostBytes) [kept, places] = [createJsonBytes(), new Map()];
    const json = toItemStart(labelsOf(set));
    const place = { from: kept.length, to: kept.length + json.length };
    kept.copy(json, 0, json.length);
    keptBytes = kept.bytes();
    places.set(set, place);
    return place;
  };
  return {
    write(into, set) {
      const { from, to } = places.get(set) ?? learn(set);
      into.copy(keptBytes, from, to);
    },
  };
}

/** `{"metric":{…},"value` of labels. */
export function toItemStart(labels: Labels): Buffer {
  return Buffer.from(`{"metric":${JSON.stringify(labels)},"value`);
}
