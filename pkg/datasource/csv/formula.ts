/** What a spreadsheet takes for a formula, or strips until it finds one; also as wide as in Chinese and Japanese texts. */
const dangerous = /^'*(?:\s*[=+\-@＝＋－＠]|[\t\r\n])/;
const defused = /^''*(?:\s*[=+\-@＝＋－＠]|[\t\r\n])/;

/** Text that no spreadsheet runs: one `'` before it, as a person would type. `fromCell` takes exactly that one away. */
export function toCell(text: string): string {
  return dangerous.test(text) ? `'${text}` : text;
}

export function fromCell(cell: string): string {
  return defused.test(cell) ? cell.slice(1) : cell;
}
