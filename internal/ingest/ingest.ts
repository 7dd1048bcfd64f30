import type { Clock } from "#pkg/clock/port.ts";
import { parseDuration } from "#pkg/config/duration.ts";
import { parseSize } from "#pkg/config/size.ts";
import type { LogPosition, SampleBatch } from "#pkg/contracts/samples.ts";
import { AppError } from "#pkg/errors/errors.ts";
import { countSamples } from "#pkg/lineprotocol/columns.ts";
import { createDecoder } from "#pkg/lineprotocol/decoder.ts";
import type { DecodedPart } from "#pkg/lineprotocol/port.ts";
import type { Logger } from "#pkg/logger/port.ts";
import type { MetricStore, SeriesCatalogue } from "#pkg/tsdb/port.ts";
import type { IngestConfig } from "./config.ts";
import type { Ingest, IngestAnswer } from "./contract.ts";
import { createDelivery } from "./delivery.ts";
import { createGate } from "./gate.ts";
import { createRefusalLog } from "./refusal-log.ts";
import { createUnpacker } from "./unpack.ts";

export interface IngestDeps {
  store: Pick<MetricStore, "append"> & { catalogue: Pick<SeriesCatalogue, "intern"> };
  clock: Clock;
  log: Logger;
  /** As it is in use now. */
  config(): IngestConfig;
  /** Age from which samples are refused now; null keeps all. */
  retentionMs(): number | null;
}

/** A long body is written in parts of this size, so that others get a turn and no batch grows too large. */
const partBytes = 4 * 1024 * 1024;
const bytesPerSample = 20;
const maxListed = 100;

/** The one door for samples: decodes, bounds, stores, and tells who listens. */
export function createIngest({ store, clock, log, config, retentionMs }: IngestDeps): Ingest {
  const maxBodyBytes = () => parseSize(config().max_body);
  const gate = createGate(() => Math.max(parseSize(config().queue), maxBodyBytes()));
  const unpack = createUnpacker(maxBodyBytes);
  const sayRefused = createRefusalLog(log, clock);
  const delivery = createDelivery(log);
  const decoder = createDecoder({ intern: (...series) => store.catalogue.intern(...series), nowMs: clock.now });
  const counts = { lines: 0, values: 0, rejected: 0, lastArrivalMs: null as number | null };

  const keep = async (batch: SampleBatch): Promise<LogPosition> => {
    const position = await delivery.deliver(batch, store.append(batch));
    counts.values += countSamples(batch);
    return position;
  };
  const bounds = () => {
    const keptMs = retentionMs();
    const oldestMs = keptMs === null ? 0 : clock.now() - keptMs;
    return { oldestMs, newestMs: clock.now() + parseDuration(config().max_ahead) };
  };

  return {
    async write(body, { gzip, precision }) {
      checkSize(body.length, maxBodyBytes());
      const pass = gate.enter(body.length);
      try {
        const plain = gzip ? await unpack(body) : body;
        if (gzip) pass.resize(plain.length);
        const answer = startAnswer();
        for (const part of decoder.parts(plain, { precision, partBytes, ...bounds() })) {
          count(answer, part);
          counts.rejected += part.rejectedCount;
          if (countSamples(part.batch) > 0) {
            await keep(part.batch);
            counts.lastArrivalMs = clock.now();
            counts.lines += part.accepted;
          }
          decoder.giveBack(part.batch);
        }
        sayRefused(answer);
        return answer;
      } finally {
        pass.leave();
      }
    },
    async writeBatch(batch) {
      const pass = gate.enter(countSamples(batch) * bytesPerSample);
      try {
        return await keep(batch);
      } finally {
        pass.leave();
      }
    },
    onBatch: delivery.subscribe,
    stats: () => ({ ...counts, queueBytes: gate.bytes, queueLimitBytes: gate.limitBytes }),
  };
}

/** `IngestAnswer` while it is being added to. */
interface GrowingAnswer extends IngestAnswer {
  rejected: { line: number; detail: string }[];
}

function startAnswer(): GrowingAnswer {
  return { accepted: 0, rejected: [], rejectedCount: 0 };
}

function count(answer: GrowingAnswer, part: DecodedPart): void {
  answer.accepted += part.accepted;
  answer.rejectedCount += part.rejectedCount;
  answer.rejected.push(...part.rejected.slice(0, maxListed - answer.rejected.length));
}

function checkSize(bytes: number, maxBytes: number): void {
  if (bytes <= maxBytes) return;
  throw new AppError("too_large", {
    message: `the body has ${bytes} bytes, more than the ${maxBytes} that are taken`,
    mend: "send smaller batches, or raise ingest.max_body",
  });
}
