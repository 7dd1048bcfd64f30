import { AppError, messageOf } from "#pkg/errors/errors.ts";

/** Exit codes of every command. */
export const exitCode = { done: 0, refused: 1, wrongUse: 2 } as const;

/** Runs a command's work; a refusal goes to stderr (as JSON with `--json`) and ends with 1. */
export async function runCommand(json: boolean, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    process.exitCode = exitCode.refused;
    if (json) process.stderr.write(`${JSON.stringify(toProblem(error))}\n`);
    else process.stderr.write(`${toText(error)}\n`);
  }
}

/** One thing on stdout: as JSON, or as the text for people. */
export function print(json: boolean, value: unknown, text: string): void {
  process.stdout.write(`${json ? JSON.stringify(value) : text}\n`);
}

function toProblem(error: unknown): Record<string, unknown> {
  if (!(error instanceof AppError)) return { code: "internal", detail: messageOf(error) };
  return { code: error.code, detail: error.detail, at: error.at, mend: error.mend, errors: error.fields };
}

function toText(error: unknown): string {
  if (!(error instanceof AppError))
    return `detectviz: ${error instanceof Error ? (error.stack ?? error.message) : error}`;
  const where = error.at === undefined ? "" : `${error.at}: `;
  const lines = [`detectviz: ${where}${error.detail}`];
  if (error.mend !== undefined) lines.push(`  → ${error.mend}`);
  if (error.fields.length > 1) lines.push(...error.fields.map((field) => `  ${field.detail}`));
  return lines.join("\n");
}
