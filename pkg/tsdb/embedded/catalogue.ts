import type { SeriesKey, Tags, ValueKind } from "#pkg/contracts/samples.ts";
import { AppError } from "#pkg/errors/errors.ts";
import type { SeriesCatalogue } from "../port.ts";
import { withRoom } from "./arrays.ts";
import { createLabelNames, createMetricNames, joinLabels } from "./labels.ts";
import { type Live, now } from "./options.ts";
import { createOrigins, type Origin, toTags } from "./origins.ts";
import { createPostings } from "./postings.ts";
import { createSelect } from "./select.ts";

/** Kinds by their number in files; the order is part of the format. */
export const kinds = ["float", "int", "bool", "string"] as const satisfies readonly ValueKind[];

/** The catalogue with what the store itself needs of it. */
export interface Catalogue extends SeriesCatalogue {
  /** Number in `kinds` of each series; good until the next series is made. */
  kindCodes(): Uint8Array;
  /** Kind number, field and origin of a series, without building its labels. */
  entry(id: number): { origin: number; field: string; kind: number };
  origin(id: number): Origin;
  readonly originCount: number;
  /** Puts back a series at start; ids come in order. */
  restore(key: SeriesKey): number;
  /** Gives a series, of which only the id is known, the kind that its samples turn out to have. */
  adopt(id: number, kindCode: number): void;
}

/** An empty catalogue that takes new series up to `limit`; what is restored has its place, also above it. */
export function createCatalogue(limit: Live<number>): Catalogue {
  const origins = createOrigins();
  const [labels, names] = [createPostings(), createPostings()];
  const toLabelNames = createLabelNames();
  const tagsOf = rememberLast((origin) => toTags(origins.get(origin)));
  const toMetricName = createMetricNames();
  const fields: string[] = [];
  let [originOf, kindOf] = [new Uint32Array(0), new Uint8Array(0)];
  const listeners = new Set<(id: number, name: string) => void>();
  // Series of one origin mostly come together, and share their tags then.
  let latest: { measurement: string; tags: Tags; origin: number } = { measurement: "", tags: [], origin: -1 };

  const findOrigin = (measurement: string, tags: Tags) =>
    tags === latest.tags && measurement === latest.measurement ? latest.origin : origins.find(measurement, tags);
  const find = (origin: number, field: string, kind: number) =>
    origins.get(origin).series.find((id) => fields[id] === field && kindOf[id] === kind);
  const addOrigin = (measurement: string, tags: Tags) => {
    const tagNames = toLabelNames(tags);
    const id = origins.add(measurement, tags, tagNames);
    tagNames.forEach((name, i) => void labels.add(name, tags[i]?.[1] ?? "", id));
    return id;
  };
  const add = ({ measurement, tags, field: text, kind }: SeriesKey, known: number) => {
    const origin = known < 0 ? addOrigin(measurement, tags) : known;
    latest = { measurement, tags, origin };
    const [id, field] = [fields.length, origins.share(text)];
    originOf = withRoom(originOf, id + 1, (length) => new Uint32Array(length));
    kindOf = withRoom(kindOf, id + 1, (length) => new Uint8Array(length));
    originOf[id] = origin;
    kindOf[id] = kinds.indexOf(kind);
    fields.push(field);
    origins.get(origin).series.push(id);
    names.add("__name__", toMetricName(measurement, field), id);
    return id;
  };
  const entry = (id: number) => {
    const field = fields[id];
    if (field === undefined) throw new RangeError(`there is no series ${id}`);
    return { field, origin: originOf[id] ?? 0, kind: kindOf[id] ?? 0 };
  };
  const describe = (id: number) => {
    const { field, kind, origin } = entry(id);
    const { measurement, names: tagNames } = origins.get(origin);
    const tags = tagsOf(origin);
    return {
      id,
      measurement,
      tags,
      field,
      kind: kinds[kind] ?? "float",
      labels: joinLabels(toMetricName(measurement, field), tagNames, tags),
    };
  };
  return {
    intern(measurement, tags, field, kind) {
      const origin = findOrigin(measurement, tags);
      const known = origin < 0 ? undefined : find(origin, field, kinds.indexOf(kind));
      if (known !== undefined) return known;
      if (fields.length >= now(limit)) throw tooMany(measurement, now(limit));
      const id = add({ measurement, tags, field, kind }, origin);
      for (const listener of listeners) listener(id, toMetricName(measurement, field));
      return id;
    },
    restore(key) {
      return add(key, findOrigin(key.measurement, key.tags));
    },
    adopt(id, kindCode) {
      kindOf[id] = kindCode;
    },
    describe,
    entry,
    origin: origins.get,
    kindCodes: () => kindOf,
    get size() {
      return fields.length;
    },
    get originCount() {
      return origins.size;
    },
    onNew(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    ...createSelect({ labels, names, origins, size: () => fields.length, originOf: (id) => originOf[id] ?? 0 }),
  };
}

/** Series of one origin are mostly described together. */
function rememberLast<T>(make: (id: number) => T): (id: number) => T {
  let last: { id: number; made: T } | undefined;
  return (id) => {
    if (last?.id !== id) last = { id, made: make(id) };
    return last.made;
  };
}

function tooMany(measurement: string, limit: number): AppError {
  return new AppError("full", {
    at: `measurement ${JSON.stringify(measurement)}`,
    message: `the store holds its limit of ${limit} series and this measurement wants another`,
    mend: "look for a tag whose value changes all the time (a time, an id) and drop it, or raise the series limit",
    retryAfterS: 60,
  });
}
