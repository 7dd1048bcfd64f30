import { messageOf } from "#pkg/errors/errors.ts";
import type { Attributes, Span, SpanOptions, TraceContext } from "./port.ts";

/** A span at its end, for those who send it away. Times in UTC ms, with fractions. */
export interface EndedSpan {
  name: string;
  kind: NonNullable<SpanOptions["kind"]>;
  context: TraceContext;
  parentSpanId: string | undefined;
  startMs: number;
  endMs: number;
  attributes: Attributes;
  events: readonly { name: string; atMs: number; attributes: Attributes }[];
  /** What went wrong; undefined when nothing did. */
  error: string | undefined;
}

/** More events are not kept. */
const mostEvents = 100;

/** What a span starts with. */
export interface SpanStart {
  name: string;
  context: TraceContext;
  parentSpanId: string | undefined;
  options: SpanOptions;
}

/** A span; with nobody to tell (`told` is undefined) it is no more than its ids. */
export function createSpan(start: SpanStart, told: ((span: EndedSpan) => void) | undefined): Span {
  return told ? recording(start, told) : silent(start.context);
}

function silent(context: TraceContext): Span {
  return { context, setAttributes: nothing, addEvent: nothing, fail: nothing, end: nothing };
}

function nothing(): void {}

function recording({ name, context, parentSpanId, options }: SpanStart, told: (span: EndedSpan) => void): Span {
  const startMs = nowMs();
  const attributes: Record<string, string | number | boolean> = { ...options.attributes };
  const events: { name: string; atMs: number; attributes: Attributes }[] = [];
  let error: string | undefined;
  let isEnded = false;
  return {
    context,
    setAttributes: (more) => void Object.assign(attributes, more),
    addEvent(event, more = {}) {
      if (events.length < mostEvents) events.push({ name: event, atMs: nowMs(), attributes: more });
    },
    fail(thrown) {
      error = messageOf(thrown);
    },
    end() {
      if (isEnded) return;
      isEnded = true;
      const kind = options.kind ?? "internal";
      told({ name, kind, context, parentSpanId, startMs, endMs: nowMs(), attributes, events, error });
    },
  };
}

/** Finer than a millisecond, and never backwards within a span. */
function nowMs(): number {
  return performance.timeOrigin + performance.now();
}
