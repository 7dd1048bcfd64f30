const units = [
  ["d", 86_400_000],
  ["h", 3_600_000],
  ["m", 60_000],
  ["s", 1000],
  ["ms", 1],
] as const;

/** Prometheus' duration text of whole milliseconds: 5400000 is `1h30m`, 0 is `0s`. */
export function toDurationText(durationMs: number): string {
  let rest = Math.round(durationMs);
  let text = "";
  for (const [unit, sizeMs] of units) {
    const count = Math.floor(rest / sizeMs);
    rest -= count * sizeMs;
    if (count > 0) text += `${count}${unit}`;
  }
  return text === "" ? "0s" : text;
}
