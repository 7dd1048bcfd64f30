import { align, type ChartData, formatDate, type Words } from "./chart-data.client.ts";

const shownRows = 100;

/** The newest numbers of each series, for who cannot see the curve. */
export function fillTable(place: Element, data: ChartData, words: Words): void {
  const [times, ...values] = align(data);
  const rows = times.map((time, index) => [
    formatDate("", uPlot.tzDate(new Date(time * 1000), data.timeZone)),
    ...values.map((one) => String(one[index] ?? "–")),
  ]);
  const table = document.createElement("table");
  table.className = "table table-sm";
  const head = toRow([words.time, ...data.series.map((one) => one.label)], "th");
  table.append(
    head,
    ...rows
      .slice(-shownRows)
      .toReversed()
      .map((row) => toRow(row, "td")),
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
