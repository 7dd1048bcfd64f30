import { type Change, createReference } from "../integration/judging-reference.ts";
import { crowd, down, overload } from "./config.ts";
import type { ToldSample } from "./told.ts";

/** Field and kind that a rule of `tortureConfig` looks at, and the value as the reference sees it. */
const rules = [
  { name: "Overload", field: "current float", levels: overload, sign: 1 },
  { name: "Crowd", field: "count int", levels: crowd, sign: 1 },
  { name: "Down", field: "ok bool", levels: down, sign: -1 },
];

/** What the samples that were acknowledged mean for each alert, told by judges that know nothing of the engine. */
export interface Expected {
  /** Samples of one series come in the order of the log. */
  judge(sample: ToldSample): void;
  /** By `rule device part`. */
  changes(): Map<string, readonly Change[]>;
}

export function createExpected(): Expected {
  const judges = rules.map((rule) => ({ ...rule, reference: createReference(rule.levels) }));
  const newestMs = new Map<string, number>();
  return {
    judge({ series, timeMs, value }) {
      const [, field, kind, device, part] = series.split(" ");
      const judge = judges.find((one) => one.field === `${field} ${kind}`);
      if (judge === undefined || timeMs < (newestMs.get(series) ?? 0)) return;
      newestMs.set(series, timeMs);
      judge.reference.sample(`${judge.name} ${device} ${part}`, timeMs, Number(value) * judge.sign);
    },
    changes: () =>
      new Map(
        judges.flatMap(({ reference, sign }) =>
          [...reference.changes].map(([name, list]) => [
            name,
            list.map((one) => ({ ...one, value: one.value * sign || 0 })),
          ]),
        ),
      ),
  };
}
