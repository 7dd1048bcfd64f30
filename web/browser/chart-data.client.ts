/** What a chart's address answers. Times in ms. */
export interface ChartData {
  unit: string;
  timeZone: string;
  fromMs: number;
  toMs: number;
  series: { label: string; timeMs: number[]; value: number[] }[];
  thresholds: { level: string; value: number; rule: string }[];
  alerts: { level: string; fromMs: number; toMs: number; name: string }[];
}
/** Words for the chart, from the page. */
export interface Words {
  level: Record<string, string>;
  none: string;
  failed: string;
  time: string;
}

/** Times in seconds, then a column a series; null is a gap. */
export type Aligned = [number[], ...(number | null)[][]];

/** One time axis for all series (in seconds); null where one has no sample, and where a gap is longer than usual. */
export function align(data: ChartData): Aligned {
  const tables = data.series.map((one) => withGaps(one.timeMs, one.value));
  return uPlot.join(
    tables as never,
    tables.map(() => [0, 2]),
  ) as Aligned; // join's own types want typed arrays only
}

function withGaps(timeMs: number[], value: number[]): [number[], (number | null)[]] {
  const steps = timeMs.slice(1).map((time, index) => time - (timeMs[index] ?? time));
  const usual = steps.toSorted((a, b) => a - b)[Math.floor(steps.length / 2)] ?? 0;
  const times: number[] = [];
  const values: (number | null)[] = [];
  for (const [index, time] of timeMs.entries()) {
    const before = timeMs[index - 1];
    if (before !== undefined && time - before > usual * 2.5) {
      times.push((before + usual) / 1000);
      values.push(null);
    }
    times.push(time / 1000);
    values.push(value[index] ?? null);
  }
  return [times, values];
}

/** 24 hours and ISO dates, whatever the template of the axis asks for. */
export function formatDate(template: string, date: Date): string {
  const two = (n: number) => String(n).padStart(2, "0");
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  const clock = `${two(date.getHours())}:${two(date.getMinutes())}`;
  if (template === "") return `${day} ${clock}:${two(date.getSeconds())}`;
  return template.includes("{h}") || template.includes("{H}") || template.includes("{mm}") ? clock : day.slice(5);
}
