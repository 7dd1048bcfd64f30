import { createDecoder } from "#pkg/lineprotocol/decoder.ts";
import type { Decoder, Precision } from "#pkg/lineprotocol/port.ts";
import type { Random } from "../fixtures/random.ts";
import { aroundMs, randomBody } from "./bodies.ts";
import { createSeriesNames, type SeriesNames, toSamples } from "./decoded.ts";
import { decodeByReference, type ReferenceOptions } from "./reference-decoder.ts";
import { type FuzzTarget, WrongAnswer } from "./target.ts";

const bodiesPerCase = 10;
const precisions: readonly Precision[] = ["ns", "ns", "ns", "us", "ms", "s"];

/** The line protocol decoder against the plainest one: same lines taken, same values, same lines refused. */
export function createLineProtocolTarget(): FuzzTarget {
  return {
    name: "lineprotocol",
    inputsPerCase: bodiesPerCase,
    run(random) {
      const names = createSeriesNames();
      const maxNames = random.chance(0.2) ? random.int(2, 12) : 1 << 20;
      const decoder = createDecoder({ intern: names.intern, nowMs: () => aroundMs, maxNames });
      for (let i = 0; i < bodiesPerCase; i++) checkBody(randomBody(random), decoder, names, random);
    },
  };
}

function checkBody(body: Uint8Array, decoder: Decoder, names: SeriesNames, random: Random): void {
  const bounds = { oldestMs: aroundMs - 50_000, newestMs: aroundMs + 80_000 };
  const options = {
    precision: random.pick(precisions),
    ...(random.chance(0.3) ? { oldestMs: 0, newestMs: 8e15 } : bounds),
  };
  const partBytes = random.chance(0.3) ? undefined : random.int(1, body.length + 1);
  const got = decode(body, decoder, names, { ...options, ...(partBytes !== undefined && { partBytes }) });
  const wanted = byReference(body, { ...options, nowMs: aroundMs });
  if (got === wanted) return;
  throw new WrongAnswer(
    `body ${JSON.stringify(Buffer.from(body).toString("latin1"))} (latin1), parts of ${partBytes}, ${options.precision}\n  reads ${got}\n  wants ${wanted}`,
  );
}

type Options = Parameters<Decoder["parts"]>[1];

function decode(body: Uint8Array, decoder: Decoder, names: SeriesNames, options: Options): string {
  const [samples, refused]: [string[], number[]] = [[], []];
  let [accepted, refusedCount] = [0, 0];
  for (const part of decoder.parts(body, options)) {
    samples.push(...toSamples(part.batch, names));
    refused.push(...part.rejected.map(({ line }) => line));
    accepted += part.accepted;
    refusedCount += part.rejectedCount;
    decoder.giveBack(part.batch);
  }
  if (refusedCount !== refused.length)
    throw new WrongAnswer(`${refusedCount} lines are refused, ${refused.length} are listed`);
  return toText(samples, accepted, refused);
}

function byReference(body: Uint8Array, options: ReferenceOptions): string {
  const { samples, accepted, refused } = decodeByReference(body, options);
  return toText(
    samples.map(({ series, timeMs, value }) => `${series} ${timeMs} ${Object.is(value, -0) ? "-0" : value}`),
    accepted,
    refused,
  );
}

function toText(samples: readonly string[], accepted: number, refused: readonly number[]): string {
  return JSON.stringify({ samples: samples.toSorted(), accepted, refused });
}
