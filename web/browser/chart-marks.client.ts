import type UPlot from "uplot";
import type { ChartData, Words } from "./chart-data.client.ts";

/** Room for the thresholds that lie near the values; far ones do not flatten the curve. */
export function rangeWith(data: ChartData, min: number, max: number): [number, number] {
  const span = Math.max(max - min, Math.abs(max) * 0.05, 0.1);
  const near = data.thresholds
    .map((one) => one.value)
    .filter((value) => value > min - span * 2 && value < max + span * 2);
  const low = Math.min(min, ...near);
  const high = Math.max(max, ...near);
  const air = Math.max((high - low) * 0.08, span * 0.1);
  return [low - air, high + air];
}

/** Alarms as shaded stretches of time. */
export function shade(plot: UPlot, data: ChartData): void {
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

/** Thresholds as dashed lines with their level and value. */
export function drawThresholds(plot: UPlot, data: ChartData, words: Words): void {
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

/** A colour of the style sheet, as the theme has it now. */
export function colour(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}
