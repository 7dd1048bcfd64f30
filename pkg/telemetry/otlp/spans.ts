import { SpanKind, SpanStatusCode, TraceFlags } from "@opentelemetry/api";
import type { ReadableSpan } from "@opentelemetry/sdk-trace";
import type { Attributes } from "../port.ts";
import type { EndedSpan } from "../span.ts";
import type { Origin } from "./origin.ts";
import { toHrTime } from "./time.ts";

const kinds = {
  internal: SpanKind.INTERNAL,
  server: SpanKind.SERVER,
  client: SpanKind.CLIENT,
  producer: SpanKind.PRODUCER,
  consumer: SpanKind.CONSUMER,
};

/** A span of ours as OpenTelemetry's exporters take it; `scrub` keeps secrets out of its texts. */
export function toReadableSpan(
  span: EndedSpan,
  { resource, scope }: Origin,
  scrub: (text: string) => string,
): ReadableSpan {
  const { traceId, spanId } = span.context;
  const context = { traceId, spanId, traceFlags: TraceFlags.SAMPLED };
  const { parentSpanId, startMs, endMs, error } = span;
  return {
    name: scrub(span.name),
    kind: kinds[span.kind],
    spanContext: () => context,
    ...(parentSpanId && { parentSpanContext: { ...context, spanId: parentSpanId } }),
    startTime: toHrTime(startMs),
    endTime: toHrTime(endMs),
    duration: toHrTime(endMs - startMs),
    status:
      error === undefined ? { code: SpanStatusCode.UNSET } : { code: SpanStatusCode.ERROR, message: scrub(error) },
    attributes: scrubAll(span.attributes, scrub),
    events: span.events.map(({ name, atMs, attributes }) => ({
      name,
      time: toHrTime(atMs),
      attributes: scrubAll(attributes, scrub),
    })),
    links: [],
    ended: true,
    resource,
    instrumentationScope: scope,
    droppedAttributesCount: 0,
    droppedEventsCount: 0,
    droppedLinksCount: 0,
  };
}

function scrubAll(attributes: Attributes, scrub: (text: string) => string): Attributes {
  return Object.fromEntries(
    Object.entries(attributes).map(([key, value]) => [key, typeof value === "string" ? scrub(value) : value]),
  );
}
