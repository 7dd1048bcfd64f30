import { AsyncLocalStorage } from "node:async_hooks";
import type { Span, SpanOptions, TraceContext, Tracer } from "./port.ts";
import { createSpan, type EndedSpan } from "./span.ts";
import { createIds, isChosen, parseTraceparent, toTraceparent } from "./trace-context.ts";

/** A tracer with the outlet for those who send spans away. */
export interface OpenTracer extends Tracer {
  /** Hands each sampled span to `listener` when it ends; undefined: to nobody. */
  onEnd(listener: ((span: EndedSpan) => void) | undefined): void;
}

/** Traces over everything that is awaited. New traces are not sampled until somebody listens and asks for a share. */
export function createTracer(): OpenTracer {
  const storage = new AsyncLocalStorage<Span>();
  const ids = createIds();
  let share = 0;
  let listener: ((span: EndedSpan) => void) | undefined;

  const begin = (): TraceContext => {
    const traceId = ids.trace();
    return { traceId, spanId: ids.span(), sampled: isChosen(traceId, share) };
  };
  const startSpan = (name: string, options: SpanOptions = {}): Span => {
    const parent = "parent" in options ? parseTraceparent(options.parent) : storage.getStore()?.context;
    const context = parent ? { ...parent, spanId: ids.span() } : begin();
    const told = context.sampled ? listener : undefined;
    return createSpan({ name, context, parentSpanId: parent?.spanId, options }, told);
  };
  return {
    startSpan,
    inSpan(name, options, work) {
      const span = startSpan(name, options);
      return storage.run(span, () => settle(span, work));
    },
    within: (span, work) => storage.run(span, work),
    active: () => storage.getStore(),
    traceparent: () => toTraceparent(storage.getStore()?.context ?? begin()),
    setSampling(next) {
      share = next;
    },
    onEnd(next) {
      listener = next;
    },
  };
}

/** Ends the span with the work, whichever way that ends. */
function settle<R>(span: Span, work: (span: Span) => R): R {
  try {
    const result = work(span);
    if (!(result instanceof Promise)) {
      span.end();
      return result;
    }
    const ended = result.then(
      (value) => {
        span.end();
        return value;
      },
      (error: unknown) => failed(span, error),
    );
    return ended as R; // the same promise, seen to its end
  } catch (error) {
    return failed(span, error);
  }
}

function failed(span: Span, error: unknown): never {
  span.fail(error);
  span.end();
  throw error;
}
