import type { Labels, MetricFamily, MetricPoint } from "./port.ts";

export const prometheusContentType = "text/plain; version=0.0.4; charset=utf-8";

/** Metrics in Prometheus' text format 0.0.4. Families without a value are left out. */
export function toPrometheusText(families: readonly MetricFamily[]): string {
  return families
    .filter(({ points }) => points.length > 0)
    .map(toFamily)
    .join("");
}

function toFamily({ name, help, type, points }: MetricFamily): string {
  const head = `# HELP ${name} ${escapeHelp(help)}\n# TYPE ${name} ${type}\n`;
  return head + points.map((point) => toLines(name, point)).join("");
}

function toLines(name: string, point: MetricPoint): string {
  if ("value" in point) return `${name}${toLabels(point.labels)} ${toNumber(point.value)}\n`;
  const { labels, bounds, counts, sum } = point;
  let below = 0;
  let lines = "";
  for (const [index, count] of counts.entries()) {
    below += count;
    const le = index < bounds.length ? String(bounds[index]) : "+Inf";
    lines += `${name}_bucket${toLabels({ ...labels, le })} ${below}\n`;
  }
  const written = toLabels(labels);
  return `${lines}${name}_sum${written} ${toNumber(sum)}\n${name}_count${written} ${below}\n`;
}

function toLabels(labels: Labels): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escapeValue(value)}"`);
  return pairs.length === 0 ? "" : `{${pairs.join(",")}}`;
}

function toNumber(value: number): string {
  if (Number.isNaN(value)) return "NaN";
  if (Number.isFinite(value)) return String(value);
  return value > 0 ? "+Inf" : "-Inf";
}

function escapeHelp(text: string): string {
  return text.replaceAll("\\", "\\\\").replaceAll("\n", "\\n");
}

function escapeValue(text: string): string {
  return escapeHelp(text).replaceAll('"', '\\"');
}
