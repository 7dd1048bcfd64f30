import type { Matcher } from "#pkg/contracts/samples.ts";
import type { SeriesCatalogue } from "../port.ts";
import type { Origins } from "./origins.ts";
import type { Postings } from "./postings.ts";

/** What selection looks at: labels belong to origins, names to series. */
export interface SelectDeps {
  labels: Postings;
  names: Postings;
  origins: Origins;
  size(): number;
  originOf(id: number): number;
}

/** The questions of the catalogue. */
export function createSelect(deps: SelectDeps): Pick<SeriesCatalogue, "select" | "labelNames" | "labelValues"> {
  const { labels, names } = deps;
  const chosenOrigins = (matchers: readonly Matcher[]) => {
    const seen = new Set<number>();
    for (const id of select(deps, matchers)) seen.add(deps.originOf(id));
    return seen;
  };
  return {
    select: (matchers) => select(deps, matchers),
    labelNames(matchers) {
      if (deps.size() === 0) return [];
      if (matchers.length === 0) return ["__name__", ...labels.labels()].sort();
      const chosen = chosenOrigins(matchers);
      if (chosen.size === 0) return [];
      const has = (label: string) => labels.values(label).some((value) => hasAny(labels.members(label, value), chosen));
      return ["__name__", ...labels.labels().filter(has)].sort();
    },
    labelValues(name, matchers) {
      const postings = name === "__name__" ? names : labels;
      if (matchers.length === 0) return postings.values(name).sort();
      const chosen = name === "__name__" ? new Set(select(deps, matchers)) : chosenOrigins(matchers);
      return postings
        .values(name)
        .filter((value) => hasAny(postings.members(name, value), chosen))
        .sort();
    },
  };
}

function hasAny(members: readonly number[], chosen: ReadonlySet<number>): boolean {
  return members.some((member) => chosen.has(member));
}

function select(deps: SelectDeps, matchers: readonly Matcher[]): Uint32Array {
  const [ofName, ofLabels] = [matchers.filter(isName), matchers.filter((matcher) => !isName(matcher))];
  const marks = ofLabels.length > 0 ? markOrigins(deps, ofLabels) : undefined;
  const candidates = byName(deps, ofName, marks);
  return marks ? candidates.filter((id) => marks[deps.originOf(id)] === 1) : candidates;
}

function isName(matcher: Matcher): boolean {
  return matcher.name === "__name__";
}

function markOrigins(deps: SelectDeps, matchers: readonly Matcher[]): Uint8Array {
  const marks = new Uint8Array(deps.origins.size).fill(1);
  for (const matcher of matchers) deps.labels.refine(matcher, marks);
  return marks;
}

/** Series whose name fits, ascending. `marks` only spares work: others may be among them. */
function byName(deps: SelectDeps, matchers: readonly Matcher[], marks: Uint8Array | undefined): Uint32Array {
  const [first, ...rest] = matchers;
  if (first?.op === "=" && rest.length === 0) return Uint32Array.from(deps.names.members("__name__", first.value));
  if (matchers.length === 0)
    return marks ? seriesOf(deps, marks) : Uint32Array.from({ length: deps.size() }, (_, i) => i);
  const ids = new Uint8Array(deps.size()).fill(1);
  for (const matcher of matchers) deps.names.refine(matcher, ids);
  return toIds(ids);
}

function seriesOf(deps: SelectDeps, marks: Uint8Array): Uint32Array {
  const ids: number[] = [];
  marks.forEach((mark, origin) => {
    if (mark === 1) for (const id of deps.origins.get(origin).series) ids.push(id);
  });
  return Uint32Array.from(ids).sort();
}

function toIds(marks: Uint8Array): Uint32Array {
  const ids: number[] = [];
  marks.forEach((mark, id) => {
    if (mark === 1) ids.push(id);
  });
  return Uint32Array.from(ids);
}
