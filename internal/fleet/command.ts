import { execFile } from "node:child_process";

/** What a program that has ended left behind. */
export interface CommandResult {
  /** Exit code; null when it was ended by a signal, ran into the time-out or could not be started. */
  code: number | null;
  stdout: string;
  stderr: string;
}

const outputLimitBytes = 32 * 1024 * 1024;

/** Runs a program to its end, at most `timeoutMs` or until the signal. Never throws: what went wrong stands in `stderr`. */
export function runCommand(
  file: string,
  parameters: readonly string[],
  options: { environment: Readonly<Record<string, string>>; timeoutMs: number; signal?: AbortSignal },
): Promise<CommandResult> {
  return new Promise((resolve) => {
    const settings = {
      env: { ...options.environment },
      timeout: options.timeoutMs,
      killSignal: "SIGKILL" as const,
      maxBuffer: outputLimitBytes,
      ...(options.signal && { signal: options.signal }),
    };
    execFile(file, [...parameters], settings, (error, stdout, stderr) => {
      if (error === null) return resolve({ code: 0, stdout, stderr });
      const code = typeof error.code === "number" ? error.code : null;
      const why = code !== null ? "" : error.killed ? `ended after ${options.timeoutMs} ms` : error.message;
      resolve({ code, stdout, stderr: [stderr.trimEnd(), why].filter(Boolean).join("\n") });
    });
  });
}
