/** Label values by name. */
export type Labels = Readonly<Record<string, string>>;

/** What a span may say of itself. */
export type Attributes = Readonly<Record<string, string | number | boolean>>;

/** A metric's name and meaning, by Prometheus' rules: base units, `_total` for counters and only for them. */
export interface MetricSpec {
  name: string;
  help: string;
  /** Names of its labels; none when absent. */
  labels?: readonly string[];
}

/** A number that is read when somebody asks. */
export interface Gauge extends MetricSpec {
  type: "gauge" | "counter";
  read(): GaugeReading | Promise<GaugeReading>;
}

/** One value, or one for each label set. */
export type GaugeReading = number | readonly { labels: Labels; value: number }[];

/** Only ever grows. */
export interface Counter {
  /** Adds `count` (1 when absent); negative ones are refused. */
  add(count?: number, labels?: Labels): void;
}

/** Goes up and down. */
export interface SettableGauge {
  set(value: number, labels?: Labels): void;
}

/** How values are spread. */
export interface Histogram {
  /** One value, in the metric's base unit (seconds, bytes). */
  observe(value: number, labels?: Labels): void;
}

/** Where in a trace one stands: W3C ids in lower-case hex. */
export interface TraceContext {
  traceId: string;
  spanId: string;
  /** Whether this trace is sent to a collector. */
  sampled: boolean;
}

/** One piece of work inside a trace. */
export interface Span {
  readonly context: TraceContext;
  setAttributes(attributes: Attributes): void;
  addEvent(name: string, attributes?: Attributes): void;
  /** The work has failed; the span still has to be ended. */
  fail(error: unknown): void;
  /** Once; later calls do nothing. */
  end(): void;
}

export interface SpanOptions {
  kind?: "internal" | "server" | "client" | "producer" | "consumer";
  /** `traceparent` of who caused it; null or unreadable starts a trace. Absent: child of the active span. */
  parent?: string | null | undefined;
  attributes?: Attributes;
}

/** Traces. With no collector a span is two ids: cheap enough for every request, event and job, never for every sample. */
export interface Tracer {
  startSpan(name: string, options?: SpanOptions): Span;
  /** Runs `work` inside a span that ends with it; a throw or rejection marks it failed and goes on to the caller. */
  inSpan<R>(name: string, options: SpanOptions, work: (span: Span) => R): R;
  /** Runs `work` with this span as the active one, without ending it. */
  within<R>(span: Span, work: () => R): R;
  /** The span under way here, through all that is awaited. */
  active(): Span | undefined;
  /** W3C `traceparent` of the active span, or of a trace that begins here. */
  traceparent(): string;
  /** Share of new traces that are sent, 0 to 1; a trace that began elsewhere keeps its own decision. */
  setSampling(share: number): void;
}

/** Runs `work` as a named piece of the trace under way: for modules, which need no more of a tracer than this. */
export type Traced = <R>(name: string, attributes: Attributes, work: () => R) => R;

/** One metric with its values at this moment. */
export interface MetricFamily extends MetricSpec {
  type: "gauge" | "counter" | "histogram";
  points: readonly MetricPoint[];
}

export type MetricPoint =
  | { labels: Labels; value: number }
  /** `counts[i]` values were at most `bounds[i]` and above the bound before; the last count has no bound. */
  | { labels: Labels; bounds: readonly number[]; counts: readonly number[]; sum: number };

/**
 * Metrics and traces of the node itself.
 *
 * - Names are checked when they are registered: what `promtool check metrics` would find is thrown.
 * - A metric keeps at most 500 label sets; further ones are counted together under `other`.
 * - A number whose `read` fails, or takes more than 3 s, is left out of that answer and the failure told; the others are
 *   there.
 */
export interface Telemetry extends Tracer {
  /** Throws on a name that is there already or breaks the rules; so do the three below. */
  add(gauge: Gauge): void;
  counter(spec: MetricSpec): Counter;
  gauge(spec: MetricSpec): SettableGauge;
  /** `bounds` ascending; those for seconds from 1 ms to 60 s when absent. */
  histogram(spec: MetricSpec & { bounds?: readonly number[] }): Histogram;
  /** Every metric as it is registered, with its values now. */
  collect(): Promise<MetricFamily[]>;
  /** The same as Prometheus text. */
  text(): Promise<{ contentType: string; body: string }>;
}
