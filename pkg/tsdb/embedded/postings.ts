import type { Matcher } from "#pkg/contracts/samples.ts";
import { compileMatcher } from "#pkg/matching/port.ts";

/** Inverted index: which members have a label with a value. Members are dense ids, added in ascending order. */
export interface Postings {
  add(label: string, value: string, member: number): void;
  labels(): string[];
  values(label: string): string[];
  members(label: string, value: string): readonly number[];
  /** Clears the mark of every member (of `marks.length`) that this matcher refuses; a missing label is "". */
  refine(matcher: Matcher, marks: Uint8Array): void;
}

export function createPostings(): Postings {
  // A value that one member has (serial numbers, addresses) is most of them: a number costs less than an array.
  const index = new Map<string, Map<string, number | number[]>>();
  const members = (label: string, value: string) => toList(index.get(label)?.get(value));
  return {
    members,
    labels: () => [...index.keys()],
    values: (label) => [...(index.get(label)?.keys() ?? [])],
    add(label, value, member) {
      const values = index.get(label) ?? new Map<string, number | number[]>();
      index.set(label, values);
      const known = values.get(value);
      if (Array.isArray(known)) known.push(member);
      else values.set(value, known === undefined ? member : [known, member]);
    },
    refine(matcher, marks) {
      const values = index.get(matcher.name) ?? new Map<string, number | number[]>();
      if (matcher.op === "=" && matcher.value !== "") keepOnly(marks, [members(matcher.name, matcher.value)]);
      else refineByTest(matcher, values, marks);
    },
  };
}

function toList(found: number | number[] | undefined): readonly number[] {
  if (found === undefined) return [];
  return typeof found === "number" ? [found] : found;
}

/** Tests each value once: few values against many members. */
function refineByTest(matcher: Matcher, values: ReadonlyMap<string, number | number[]>, marks: Uint8Array): void {
  const test = compileMatcher(matcher);
  const fitting: (readonly number[])[] = [];
  const failing: (readonly number[])[] = [];
  for (const [value, found] of values) (test(value) ? fitting : failing).push(toList(found));
  if (!test("")) keepOnly(marks, fitting);
  else for (const list of failing) for (const member of list) marks[member] = 0;
}

function keepOnly(marks: Uint8Array, lists: readonly (readonly number[])[]): void {
  for (const list of lists) for (const member of list) if (marks[member] === 1) marks[member] = 2;
  for (let i = 0; i < marks.length; i++) marks[i] = marks[i] === 2 ? 1 : 0;
}
