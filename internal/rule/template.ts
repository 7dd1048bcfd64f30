/** Fills `{{ $value }}` and `{{ $labels.name }}`; everything else stays as it is written. */
export function expandTemplate(text: string, labels: Readonly<Record<string, string>>, value: number | null): string {
  return text.replace(
    /\{\{\s*\$(value|labels\.([a-zA-Z_][a-zA-Z0-9_]*))\s*\}\}/g,
    (whole, what: string, name?: string) => {
      if (what === "value") return value === null ? "–" : formatValue(value);
      return name === undefined ? whole : (labels[name] ?? "");
    },
  );
}

/** Six digits are more than any sensor means. */
export function formatValue(value: number): string {
  return String(Number(value.toPrecision(6)));
}
