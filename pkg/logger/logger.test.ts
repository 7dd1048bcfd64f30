import { spawnSync } from "node:child_process";
import { describe, expect, it } from "vitest";

/** What a logger wrote to stdout of a process of its own; `script` sees `log`, `say` (the trace) and `AppError`. */
function linesOf(script: string): Record<string, unknown>[] {
  const from = (path: string) => JSON.stringify(new URL(path, import.meta.url).href);
  const whole = `
    import { createLogger } from ${from("./logger.ts")};
    import { AppError } from ${from("../errors/errors.ts")};
    const heard = [];
    let trace;
    const scrub = (line) => line.replaceAll("hunter22", "secret://mail");
    const log = createLogger({ level: "info", scrub, trace: () => trace });
    ${script}`;
  const args = ["--disable-warning=ExperimentalWarning", "--input-type=module-typescript", "-e", whole];
  const { stdout, stderr } = spawnSync(process.execPath, args, { encoding: "utf8" });
  if (stderr !== "") throw new Error(stderr);
  return stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
}

describe("the log", () => {
  it("says in each line where in a trace it was written, and nothing outside of one", () => {
    const [outside, inside] = linesOf(`
      log.info({ a: 1 }, "outside");
      trace = { traceId: "t", spanId: "s" };
      log.child({ part: "x" }).warn({}, "inside");`);
    expect(outside).not.toHaveProperty("trace_id");
    expect(inside).toMatchObject({ level: "warn", part: "x", trace_id: "t", span_id: "s", msg: "inside" });
  });

  it("writes an error whole, without secrets", () => {
    const [line] = linesOf(`
      const cause = Object.assign(new Error("refused for hunter22"), { code: "ECONNREFUSED" });
      const details = { password: "other-secret", tries: 3 };
      const error = new AppError("unavailable", { at: "db", message: "is away", mend: "start it", details, cause });
      log.error({ error, token: "third-secret" }, "cannot store");`);
    expect(line).toMatchObject({
      token: "[redacted]",
      error: { code: "unavailable", retryable: true, at: "db", mend: "start it", details: { tries: 3 } },
    });
    expect(line).toHaveProperty("error.causes.0", expect.objectContaining({ message: "refused for secret://mail" }));
    expect(line).toHaveProperty("error.causes.0.code", "ECONNREFUSED");
    expect(JSON.stringify(line)).not.toMatch(/hunter22|other-secret|third-secret/);
  });

  it("takes another level while it runs, its children too, and hands lines on without secrets", () => {
    const lines = linesOf(`
      const child = log.child({ part: "x" });
      child.debug({}, "not yet");
      log.setLevel("debug");
      child.debug({}, "now");
      log.setLevel("error");
      child.warn({}, "no more");
      log.forward((line) => heard.push(JSON.parse(line).msg));
      log.error({}, "told hunter22");
      log.forward(undefined);
      log.error({ heard }, "the end");`);
    expect(lines.map(({ msg }) => msg)).toEqual(["now", "told secret://mail", "the end"]);
    expect(lines.at(-1)).toMatchObject({ heard: ["told secret://mail"] });
  });
});
