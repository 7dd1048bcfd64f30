// Draws every `.chart` of the page from the address in its `data-source`, and again each few seconds.
// Gaps stay gaps; thresholds are lines, alarms are shaded; drag zooms, double click goes back; the same numbers as a table.
import type UPlot from "uplot";
import { callApi } from "./api.client.ts";
import { align, type ChartData, formatDate, type Words } from "./chart-data.client.ts";
import { colour, drawThresholds, rangeWith, shade } from "./chart-marks.client.ts";
import { fillTable } from "./chart-table.client.ts";

const beatMs = 5000;
const heightPx = 260;

for (const frame of document.querySelectorAll<HTMLElement>(".chart")) start(frame);

/** What is on the screen now. */
interface Drawn {
  plot: UPlot;
  data: ChartData;
  /** What must be the same for the plot to be kept. */
  shape: string;
  zoomed: boolean;
}

function start(frame: HTMLElement): void {
  const place = frame.querySelector<HTMLElement>(".chart-plot");
  if (place === null) return;
  const words: Words = JSON.parse(frame.dataset["words"] ?? "{}");
  let drawn: Drawn | undefined;
  const draw = async () => {
    if (document.visibilityState !== "visible") return;
    const data = (await callApi("GET", frame.dataset["source"] ?? "")) as ChartData; // the route's own promise
    drawn = show(place, data, words, drawn);
    tellTable(frame, drawn?.data, words);
  };
  const beat = () => {
    draw().catch(() => {
      if (drawn === undefined) place.textContent = words.failed;
    });
  };
  beat();
  setInterval(beat, beatMs);
  frame.querySelector("details")?.addEventListener("toggle", () => tellTable(frame, drawn?.data, words));
  new ResizeObserver(() => drawn?.plot.setSize({ width: place.clientWidth, height: heightPx })).observe(place);
}

function show(place: HTMLElement, data: ChartData, words: Words, before: Drawn | undefined): Drawn | undefined {
  const shape = JSON.stringify([
    data.series.map((one) => one.label),
    data.thresholds,
    document.documentElement.dataset["bsTheme"],
  ]);
  if (data.series.length === 0) {
    before?.plot.destroy();
    place.textContent = words.none;
    return undefined;
  }
  const drawn = before?.shape === shape ? before : anew(place, data, words, shape, before);
  drawn.data = data;
  drawn.plot.setData(align(data), false);
  if (!drawn.zoomed) drawn.plot.setScale("x", { min: data.fromMs / 1000, max: data.toMs / 1000 });
  return drawn;
}

function anew(place: HTMLElement, data: ChartData, words: Words, shape: string, before: Drawn | undefined): Drawn {
  before?.plot.destroy();
  place.replaceChildren();
  const drawn: Drawn = { plot: undefined as never, data, shape, zoomed: false }; // the plot is set on the next line
  drawn.plot = new uPlot(options(drawn, words, place), align(data), place);
  drawn.plot.over.addEventListener("dblclick", () => {
    drawn.zoomed = false;
  });
  return drawn;
}

function tellTable(frame: HTMLElement, data: ChartData | undefined, words: Words): void {
  const place = frame.querySelector(".chart-numbers");
  if (place !== null && data !== undefined && frame.querySelector("details")?.open === true)
    fillTable(place, data, words);
}

function options(drawn: Drawn, words: Words, place: HTMLElement): UPlot.Options {
  const { data } = drawn;
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
    scales: { x: { time: true }, y: { range: (_plot, min, max) => rangeWith(drawn.data, min, max) } },
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
    hooks: {
      drawClear: [(plot) => shade(plot, drawn.data)],
      draw: [(plot) => drawThresholds(plot, drawn.data, words)],
      setSelect: [
        (plot) => {
          if (plot.select.width > 0) drawn.zoomed = true;
        },
      ],
    },
  };
}
