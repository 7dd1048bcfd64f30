// Draws every `.chart` of the page from the address in its `data-source`, and again each few seconds.
// Gaps stay gaps; thresholds are lines, alarms are shaded; the same numbers stand below as a table.
import type UPlot from "uplot";
import { callApi } from "./api.client.ts";

interface ChartData {
  unit: string;
  timeZone: string;
  fromMs: number;
  toMs: number;
  series: { label: string; timeMs: number[]; value: number[] }[];
  thresholds: { level: string; value: number; rule: string }[];
  alerts: { level: string; fromMs: number; toMs: number; name: string }[];
}
interface Words {
  level: Record<string, string>;
  none: string;
  failed: string;
  time: string;
}
type Aligned = [number[], ...(number | null)[][]];

const beatMs = 5000;
const heightPx = 260;

for (const frame of document.querySelectorAll<HTMLElement>(".chart")) start(frame);

function start(frame: HTMLElement): void {
  const place = frame.querySelector<HTMLElement>(".chart-plot");
  if (place === null) return;
  const words: Words = JSON.parse(frame.dataset["words"] ?? "{}");
  let plot: UPlot | undefined;
  let shown = "";
  const draw = async () => {
    if (!frame.isConnected || document.visibilityState !== "visible") return;
    const data = (await callApi("GET", frame.dataset["source"] ?? "")) as ChartData; // the route's own promise
    const shape = JSON.stringify([data.series.map((one) => one.label), data.thresholds, data.alerts.length, theme()]);
    if (plot !== undefined && shape === shown) plot.setData(align(data), plot.scales["x"]?.min === undefined);
    else {
      plot?.destroy();
      place.replaceChildren();
      plot = data.series.length === 0 ? undefined : new uPlot(options(data, words, place), align(data), place);
      shown = shape;
    }
    if (plot === undefined) place.textContent = words.none;
    else plot.setScale("x", { min: data.fromMs / 1000, max: data.toMs / 1000 });
    fillTable(frame, data, words);
  };
  const tell = () => {
    if (plot === undefined) place.textContent = words.failed;
  };
  draw().catch(tell);
  const beat = setInterval(() => {
    if (frame.isConnected) draw().catch(tell);
    else clearInterval(beat);
  }, beatMs);
  new ResizeObserver(() => plot?.setSize({ width: place.clientWidth, height: heightPx })).observe(place);
}

/** One time axis for all series (in seconds); null where one has no sample, and where a gap is longer than usual. */
function align(data: ChartData): Aligned {
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

function options(data: ChartData, words: Words, place: HTMLElement): UPlot.Options {
  const text = colour("--bs-secondary-color");
  const grid = { stroke: colour("--bs-border-color"), width: 1 };
  const axis = { stroke: text, grid, ticks: grid };
  const palette = ["--chart-1", "--chart-2", "--chart-3", "--chart-4", "--chart-5", "--chart-6"].map(colour);
  const dashes = [[], [6, 3], [2, 3], [8, 3, 2, 3]];
  return {
    width: place.clientWidth,
    height: heightPx,
    tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), data.timeZone),
    fmtDate: (template) => (date) => formatDate(template, date),
    cursor: { sync: { key: "page" }, drag: { x: true, y: false } },
    scales: { x: { time: true }, y: { range: (_plot, min, max) => rangeWith(data, min, max) } },
    axes: [
      axis,
      {
        ...axis,
        size: 64,
        values: (_plot, ticks) => ticks.map((tick) => `${tick} ${data.unit === "1" ? "" : data.unit}`),
      },
    ],
    series: [
      {
        label: words.time,
        value: (_plot, seconds) =>
          seconds === null ? "–" : formatDate("", uPlot.tzDate(new Date(seconds * 1000), data.timeZone)),
      },
      ...data.series.map((one, index) => ({
        label: one.label,
        stroke: palette[index % palette.length] ?? text,
        dash: dashes[Math.floor(index / palette.length) % dashes.length] ?? [],
        width: 1.5,
        spanGaps: false,
        points: { show: false },
        value: (_plot: UPlot, value: number | null) =>
          value === null ? "–" : `${Math.round(value * 1000) / 1000} ${data.unit === "1" ? "" : data.unit}`,
      })),
    ],
    hooks: { drawClear: [(plot) => shade(plot, data)], draw: [(plot) => thresholds(plot, data, words)] },
  };
}

/** Room for the thresholds that lie near the values; far ones do not flatten the curve. */
function rangeWith(data: ChartData, min: number, max: number): [number, number] {
  const span = Math.max(max - min, Math.abs(max) * 0.05, 0.1);
  const near = data.thresholds
    .map((one) => one.value)
    .filter((value) => value > min - span * 2 && value < max + span * 2);
  const low = Math.min(min, ...near);
  const high = Math.max(max, ...near);
  const air = Math.max((high - low) * 0.08, span * 0.1);
  return [low - air, high + air];
}

function shade(plot: UPlot, data: ChartData): void {
  const { ctx, bbox } = plot;
  for (const alert of data.alerts) {
    const from = Math.max(bbox.left, plot.valToPos(alert.fromMs / 1000, "x", true));
    const to = Math.min(bbox.left + bbox.width, plot.valToPos(alert.toMs / 1000, "x", true));
    if (!(to > from)) continue;
    ctx.save();
    ctx.globalAlpha = 0.12;
    ctx.fillStyle = colour(`--level-${alert.level}`);
    ctx.fillRect(from, bbox.top, to - from, bbox.height);
    ctx.restore();
  }
}

function thresholds(plot: UPlot, data: ChartData, words: Words): void {
  const { ctx, bbox } = plot;
  for (const one of data.thresholds) {
    const y = plot.valToPos(one.value, "y", true);
    if (y < bbox.top || y > bbox.top + bbox.height) continue;
    ctx.save();
    ctx.strokeStyle = ctx.fillStyle = colour(`--level-${one.level}`);
    ctx.setLineDash([6, 4]);
    ctx.beginPath();
    ctx.moveTo(bbox.left, y);
    ctx.lineTo(bbox.left + bbox.width, y);
    ctx.stroke();
    ctx.font = `${11 * devicePixelRatio}px system-ui, sans-serif`;
    ctx.textAlign = "right";
    ctx.textBaseline = "bottom";
    ctx.fillText(
      `${words.level[one.level] ?? one.level} ${one.value}`,
      bbox.left + bbox.width - 4,
      y - 2 * devicePixelRatio,
    );
    ctx.restore();
  }
}

/** 24 hours and ISO dates, whatever the template of the axis asks for. */
function formatDate(template: string, date: Date): string {
  const two = (n: number) => String(n).padStart(2, "0");
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  const clock = `${two(date.getHours())}:${two(date.getMinutes())}`;
  if (template === "") return `${day} ${clock}:${two(date.getSeconds())}`;
  return template.includes("{h}") || template.includes("{H}") || template.includes("{mm}") ? clock : day.slice(5);
}

/** The last numbers of each series for who cannot see the curve. */
function fillTable(frame: HTMLElement, data: ChartData, words: Words): void {
  const details = frame.querySelector<HTMLDetailsElement>(".chart-table");
  const place = frame.querySelector(".chart-numbers");
  if (place === null || details?.open !== true) {
    details?.addEventListener("toggle", () => fillTable(frame, data, words), { once: true });
    return;
  }
  const [times, ...values] = align(data);
  const rows = times
    .map((time, index) => [formatDate("", new Date(time * 1000)), ...values.map((one) => String(one[index] ?? "–"))])
    .slice(-100);
  const table = document.createElement("table");
  table.className = "table table-sm";
  table.append(
    toRow([words.time, ...data.series.map((one) => one.label)], "th"),
    ...rows.toReversed().map((row) => toRow(row, "td")),
  );
  place.replaceChildren(table);
}

function toRow(cells: string[], kind: "th" | "td"): HTMLTableRowElement {
  const row = document.createElement("tr");
  for (const text of cells) {
    const cell = document.createElement(kind);
    cell.textContent = text;
    row.append(cell);
  }
  return row;
}

function colour(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

function theme(): string {
  return document.documentElement.dataset["bsTheme"] ?? "";
}
