import type { Grouping } from "#pkg/promql/plan.ts";
import type { LabelIndex, Labels } from "./label-index.ts";

/** Groups that label sets fall into; numbers stay the same for as long as it is used. */
export interface Groups {
  /** Number of the group that a label set is in. */
  of(set: number): number;
  labels(group: number): Labels;
}

/** Remembers how label sets were grouped: a page asks for the same again and again. */
export interface Groupings {
  get(grouping: Grouping, hasName: boolean): Groups;
}

const mostRemembered = 16;

export function createGroupings(index: Pick<LabelIndex, "labels">): Groupings {
  const remembered = new Map<string, Groups>();
  return {
    get(grouping, hasName) {
      const key = JSON.stringify([grouping, hasName]);
      const known = remembered.get(key) ?? createGroups(index, grouping, hasName);
      remembered.delete(key);
      remembered.set(key, known);
      const [oldest] = remembered.keys();
      if (remembered.size > mostRemembered && oldest !== undefined) remembered.delete(oldest);
      return known;
    },
  };
}

const unknown = -1;

function createGroups(index: Pick<LabelIndex, "labels">, grouping: Grouping, hasName: boolean): Groups {
  let groupOf = new Int32Array(1024).fill(unknown);
  const numbers = new Map<string, number>();
  const all: Labels[] = [];
  const learn = (set: number) => {
    const labels = pickLabels(index.labels(set), grouping, hasName);
    const key = JSON.stringify(Object.entries(labels).sort());
    const group = numbers.get(key) ?? all.length;
    if (group === all.length) {
      numbers.set(key, group);
      all.push(labels);
    }
    groupOf[set] = group;
    return group;
  };
  return {
    of(set) {
      if (set >= groupOf.length) {
        const larger = new Int32Array(Math.max(set + 1, groupOf.length * 2)).fill(unknown);
        larger.set(groupOf);
        groupOf = larger;
      }
      const group = groupOf[set] ?? unknown;
      return group === unknown ? learn(set) : group;
    },
    labels: (group) => all[group] ?? {},
  };
}

function pickLabels(labels: Labels, { kind, labels: named }: Grouping, hasName: boolean): Labels {
  const isKept = (name: string) => {
    if (name === "__name__" && !(hasName && kind === "by")) return false;
    return named.includes(name) === (kind === "by");
  };
  return Object.fromEntries(Object.entries(labels).filter(([name, value]) => isKept(name) && value !== ""));
}
