import type { BenchCase } from "./cases.ts";

/** Prints the head of the table; the rows follow, one figure at a time. */
export function printHead(): void {
  console.log("| figure | who | median (min … max) | runs | ours is | aim |\n| --- | --- | --- | --- | --- | --- |");
}

/** One figure: ours, then each peer with how many times as good ours is. What gave no figure is left out. */
export function printFigure(
  one: Pick<BenchCase, "title" | "unit" | "better" | "aim">,
  ours: readonly number[],
  peers: Readonly<Record<string, readonly number[]>> = {},
): void {
  if (ours.length > 0) printRow(one.title, "Detectviz", ours, one.unit, "", toAim(one, median(ours)));
  for (const [peer, values] of Object.entries(peers)) {
    if (values.length === 0) continue;
    const quotient = median(ours) / median(values);
    const ratio = one.better === "higher" ? quotient : 1 / quotient;
    printRow(one.title, peer, values, one.unit, Number.isNaN(ratio) ? "" : `${ratio.toFixed(2)} × as good`, "");
  }
}

function printRow(
  title: string,
  who: string,
  values: readonly number[],
  unit: string,
  ratio: string,
  aim: string,
): void {
  const spread = `${format(Math.min(...values))} … ${format(Math.max(...values))}`;
  console.log(
    `| ${title} | ${who} | ${format(median(values))} ${unit} (${spread}) | ${values.length} | ${ratio} | ${aim} |`,
  );
}

function toAim({ aim, better }: Pick<BenchCase, "aim" | "better">, value: number): string {
  if (aim === undefined) return "";
  const isReached = better === "higher" ? value >= aim : value <= aim;
  return `${format(aim)}: ${isReached ? "reached" : "missed"}`;
}

/** The one in the middle, or between the two there. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const [low, high] = [sorted[(sorted.length - 1) >> 1], sorted[sorted.length >> 1]];
  return low === undefined || high === undefined ? Number.NaN : (low + high) / 2;
}

function format(value: number): string {
  return value >= 1000 ? Math.round(value).toLocaleString("en") : String(Math.round(value * 100) / 100);
}
