import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openHttpCatch } from "#test/fixtures/http-catch.ts";
import { type NodeProcess, openNode } from "#test/fixtures/node-process.ts";
import { openOtlpCatch } from "#test/fixtures/otlp-catch.ts";
import { hasPrometheus, promtool, withPrometheus } from "#test/fixtures/prometheus.ts";
import { until } from "#test/fixtures/until.ts";

const traceId = "4bf92f3577b34da6a3ce929d0e0e4736";
const token = "Bearer c0llect0r-t0ken";

/** A node that judges one rule, tells one webhook, and sends its telemetry to `endpoint`. */
function toConfig(webhook: string, endpoint: string): string {
  return `[node]
name = "traced"
[notifier]
retry_first = "100ms"
[telemetry.otlp]
endpoint = "${endpoint}"
headers = { authorization = "${token}" }
interval = "1s"
[[rules]]
name = "Hot"
condition = "room_temperature > 30"
level = "warning"
[[contacts]]
name = "Duty"
channels = [{ type = "webhook", url = "${webhook}" }]
`;
}

const withoutTelegraf = { TELEGRAF_BIN: "", PATH: "/nonexistent" };

describe("a node with a collector", { timeout: 120_000 }, () => {
  let collector: Awaited<ReturnType<typeof openOtlpCatch>>;
  let webhook: Awaited<ReturnType<typeof openHttpCatch>>;
  let node: NodeProcess;

  beforeAll(async () => {
    collector = await openOtlpCatch();
    webhook = await openHttpCatch();
    node = await openNode({ config: toConfig(webhook.url, collector.url), environment: withoutTelegraf });
  });
  afterAll(async () => {
    await node?.close();
    await collector?.close();
    await webhook?.close();
  });

  const health = async () => (await node.api("GET", "/api/health")).body.parts.telemetry;

  it("runs one trace from the writer over samples, rule, alert and event to the message", async () => {
    const lines = "room,device=a temperature=41\nroom,device=b temperature=\n";
    const written = await node.write(lines, { traceparent: `00-${traceId}-00f067aa0ba902b7-01` });
    expect(written.status).toBe(400); // the second line is refused, the first is in
    const delivery = await until(() => webhook.requests[0]);
    expect(delivery.headers["traceparent"]).toMatch(new RegExp(`^00-${traceId}-[0-9a-f]{16}-01$`));

    const names = ["POST /write", "handle alert.opened", "notify", "send webhook"];
    const ours = () => collector.spans().filter((span) => span.traceId === traceId);
    const spans = await until(() =>
      names.every((name) => ours().some((span) => span.name === name)) ? ours() : undefined,
    );
    const [request, handled, notified, sent] = names.map((name) => spans.find((span) => span.name === name));
    expect(request).toMatchObject({ parentSpanId: "00f067aa0ba902b7", attributes: { "http.route": "/write" } });
    expect([handled?.parentSpanId, notified?.parentSpanId]).toEqual([request?.spanId, request?.spanId]);
    expect(sent?.parentSpanId).toBe(notified?.spanId);
    expect(delivery.headers["traceparent"]).toContain(sent?.spanId);
  });

  it("writes the trace into the log lines on stdout and at the collector", async () => {
    const ofOurs = (line: string) => line.includes(`"trace_id":"${traceId}"`);
    const line = await until(() => node.log().split("\n").find(ofOurs));
    expect(JSON.parse(line)).toMatchObject({ trace_id: traceId, span_id: expect.stringMatching(/^[0-9a-f]{16}$/) });
    const record = await until(() => collector.logs().find((one) => one.traceId === traceId));
    expect(record).toMatchObject({ spanId: JSON.parse(line).span_id, body: JSON.parse(line).msg });
  });

  it("sends the same metrics that /metrics shows, with the headers of the configuration", async () => {
    const wanted = ["detectviz_http_request_duration_seconds", "detectviz_ingest_values_total"];
    await until(() => wanted.every((name) => collector.metrics().includes(name)));
    expect(collector.requests.every(({ headers }) => headers["authorization"] === token)).toBe(true);
    expect((await node.run("config", "print")).stdout).not.toContain("c0llect0r");
  });

  it.skipIf(!hasPrometheus)(withPrometheus("has nothing in /metrics that promtool complains of"), async () => {
    const { body } = await node.api("GET", "/metrics");
    for (const name of [
      "http_request",
      "ingest_append",
      "event_handler",
      "notification_delivery",
      "rule_batch",
      "sql_statement",
    ])
      expect(body).toContain(`detectviz_${name}_duration_seconds_bucket{`);
    expect(spawnSync(promtool(), ["check", "metrics"], { input: body, encoding: "utf8" })).toMatchObject({
      status: 0,
      stderr: "",
      stdout: "",
    });
  });

  it("says where while the collector refuses, loses nothing below the bound, and goes on by itself", async () => {
    collector.refuse(503);
    await node.api("GET", "/api/v1/rules");
    const bad = await until(async () => ((await health()).status === "degraded" ? await health() : undefined), 40_000);
    expect(bad.detail).toContain(`${collector.url}/v1/`);
    collector.refuse(200);
    await until(async () => (await health()).status === "ok", 40_000);
    await until(() => collector.spans().some(({ name }) => name === "GET /api/v1/rules"));
  });

  it("stops sending and starts again, and takes another log level, without a restart", async () => {
    const text = readFileSync(node.configFile, "utf8");
    const ownLog = '[telemetry]\nlog_level = "error"\n[telemetry.otlp]';
    writeFileSync(node.configFile, text.replace(collector.url, "").replace("[telemetry.otlp]", ownLog));
    await until(async () => (await health()).detail.includes("no endpoint"));
    const before = collector.requests.length;
    const lines = node.log().length;
    await node.write("room,device=b temperature=\n");
    await new Promise((resolve) => setTimeout(resolve, 1500)); // longer than spans gather and metrics wait
    expect(collector.requests.length).toBe(before);
    expect(node.log().slice(lines)).not.toContain("refused");
    writeFileSync(node.configFile, text);
    await until(() => collector.requests.length > before);
  });
});

describe("a node without a collector", { timeout: 120_000 }, () => {
  it("loads nothing of OpenTelemetry", async () => {
    const hook = new URL("../fixtures/tell-modules.ts", import.meta.url).pathname;
    const environment = { ...withoutTelegraf, NODE_OPTIONS: `--import=${hook}` };
    const node = await openNode({ config: toConfig("http://127.0.0.1:9", ""), environment });
    await node.write("room,device=a temperature=41\n");
    await node.api("GET", "/metrics");
    const loaded = node.log();
    const health = (await node.api("GET", "/api/health")).body.parts.telemetry;
    await node.close();
    expect(loaded).toContain("loads file:");
    expect(loaded.match(/^loads .*opentelemetry.*/gm)).toBeNull();
    expect(health).toMatchObject({ status: "ok", detail: expect.stringContaining("no endpoint") });
  });
});
