import type { Reporter, SerializedError, TestModule, TestRunEndReason } from "vitest/node";

/**
 * Ends a run with `N passed, N failed` (and the skipped, by name). On CI a skipped test is a failure: everything
 * the tests need is there or can be brought.
 */
export default class ClosingLine implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], errors: readonly SerializedError[], reason: TestRunEndReason): void {
    const tests = modules.flatMap((module) => [...module.children.allTests()]);
    const inState = (state: string) => tests.filter((test) => test.result().state === state);
    const skipped = inState("skipped");
    const brokenModules = modules.filter(
      (module) =>
        module.state() === "failed" &&
        ![...module.children.allTests()].some((test) => test.result().state === "failed"),
    );
    let failed = inState("failed").length + brokenModules.length + errors.length;
    if (reason !== "passed") failed = Math.max(failed, 1);
    for (const test of skipped) console.log(`skipped: ${test.module.relativeModuleId} > ${test.fullName}`);
    if (process.env["CI"] === "true" && skipped.length > 0) {
      console.log("on CI a skipped test counts as failed");
      failed += skipped.length;
      process.exitCode = 1;
    }
    const skippedText = skipped.length > 0 ? `, ${skipped.length} skipped` : "";
    console.log(`${inState("passed").length} passed, ${failed} failed${skippedText}`);
  }
}
