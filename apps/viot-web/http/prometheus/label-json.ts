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
  // By label set: where it begins and ends; 0 and 0 where it is not kept.
  let places = new Uint32Array(0);
  const learn = (set: number) => {
    if (kept.length > mostBytes) [kept, places] = [createJsonBytes(), new Uint32Array(0)];
    if (2 * set + 1 >= places.length) places = grown(places, 4 * set + 64);
    const json = toItemStart(labelsOf(set));
    places[2 * set] = kept.length;
    kept.copy(json, 0, json.length);
    places[2 * set + 1] = kept.length;
    keptBytes = kept.bytes();
  };
  return {
    write(into, set) {
      if (!places[2 * set + 1]) learn(set);
      // Learned just now if not before.
      into.copy(keptBytes, places[2 * set] as number, places[2 * set + 1] as number);
    },
  };
}

function grown(places: Uint32Array<ArrayBuffer>, length: number): Uint32Array<ArrayBuffer> {
  const larger = new Uint32Array(length);
  larger.set(places);
  return larger;
}

/** `{"metric":{…},"value` of labels. */
export function toItemStart(labels: Labels): Buffer {
  return Buffer.from(`{"metric":${JSON.stringify(labels)},"value`);
}
