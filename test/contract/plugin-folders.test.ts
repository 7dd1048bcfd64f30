import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "smol-toml";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createPluginHost } from "#internal/plugins/host.ts";
import { createPluginHttp } from "#internal/plugins/http.ts";
import type { NotificationMessage, SendResult } from "#pkg/contracts/notifier.ts";
import type { Plugin } from "#pkg/contracts/plugin.ts";
import { messageOf } from "#pkg/errors/errors.ts";
import { silentLogger } from "#pkg/logger/logger.ts";
import { plugins } from "#plugins/index.gen.ts";
import { type CaughtRequest, openHttpCatch } from "#test/fixtures/http-catch.ts";
import { openSmtpCatch } from "#test/fixtures/smtp-catch.ts";
import { pluginIndexFile, renderPluginIndex } from "../../scripts/generate-plugin-index.ts";

const folderOf = (plugin: Plugin) => join(import.meta.dirname, `../../plugins/${plugin.kind}s/${plugin.id}`);
const read = (folder: string, file: string) => readFileSync(join(folder, file), "utf8");

it("the plugin index is fresh (run: node scripts/generate-plugin-index.ts)", () => {
  expect(readFileSync(pluginIndexFile, "utf8")).toBe(renderPluginIndex());
});

describe.each(plugins.map((plugin) => ({ name: `${plugin.kind}/${plugin.id}`, plugin, folder: folderOf(plugin) })))(
  "plugin $name",
  ({ plugin, folder }) => {
    it("has its folder's name as id and a README of at most 30 lines with the agreed headings", () => {
      expect(existsSync(join(folder, "config.ts"))).toBe(true);
      const readme = read(folder, "README.md");
      expect(readme.trimEnd().split("\n").length).toBeLessThanOrEqual(30);
      for (const heading of ["# ", "## Needs", "## Sample", "## When the other side fails"]) {
        expect(
          readme.split("\n").some((line) => line.startsWith(heading)),
          heading,
        ).toBe(true);
      }
    });

    it("has a description and, but for what must be given, a default on every key", () => {
      const { properties = {} } = plugin.config as { properties?: Record<string, { description?: string }> };
      for (const [key, schema] of Object.entries(properties)) {
        expect(schema.description, key).toBeTruthy();
        expect(schema, key).toHaveProperty("default");
      }
    });

    it("has a sample that its schema takes", () => {
      expect(sectionOf(plugin, read(folder, "sample.toml"))).toBeDefined();
      expect(hostOf(plugin, read(folder, "sample.toml")).list()[0]).toMatchObject({ state: "enabled" });
    });
  },
);

describe("test cases of notifiers", () => {
  let http: Awaited<ReturnType<typeof openHttpCatch>>;
  let smtp: Awaited<ReturnType<typeof openSmtpCatch>>;
  let answer = { status: 200, body: "" };
  beforeEach(async () => {
    http = await openHttpCatch(() => answer);
    smtp = await openSmtpCatch((address) => (address.startsWith("nobody@") ? 550 : undefined));
  });
  afterEach(() => Promise.all([http.close(), smtp.close()]));

  const cases = plugins
    .filter((plugin) => plugin.kind === "notifier")
    .flatMap((plugin) => {
      const folder = join(folderOf(plugin), "testcases");
      return readdirSync(folder).map((name) => ({ name: `${plugin.id}/${name}`, plugin, folder: join(folder, name) }));
    });

  it.each(cases)("$name", async ({ plugin, folder }) => {
    const here = (text: string) => text.replaceAll("{{http}}", http.url).replaceAll("{{smtp_port}}", String(smtp.port));
    const config = here(read(folder, "config.toml"));
    const server = (parse(config) as { server?: { status?: number; body?: string } }).server ?? {};
    answer = { status: server.status ?? 200, body: server.body ?? "" };
    const message: NotificationMessage = JSON.parse(here(read(folder, "message.json")));
    const result = await attempt(plugin, config, message);
    const there = (text: string) => text.replaceAll(http.url, "{{http}}");
    if (existsSync(join(folder, "error.txt"))) {
      await expect(there(toOutcome(result))).toMatchFileSnapshot(join(folder, "error.txt"));
      return;
    }
    expect(result).toMatchObject({ delivered: true });
    const sent = http.requests[0] ? toHttpText(http.requests[0]) : toMailText(smtp.mails[0]);
    await expect(there(sent)).toMatchFileSnapshot(join(folder, http.requests[0] ? "request.http" : "mail.txt"));
  });
});

function sectionOf(plugin: Plugin, toml: string): unknown {
  const sections = parse(toml) as { plugins?: Record<string, Record<string, unknown>> };
  return sections.plugins?.[plugin.kind]?.[plugin.id];
}

function hostOf(plugin: Plugin, toml: string) {
  return createPluginHost({
    plugins: [plugin],
    config: () => sectionOf(plugin, toml),
    http: createPluginHttp(),
    log: silentLogger,
    now: () => 0,
  });
}

async function attempt(plugin: Plugin, toml: string, message: NotificationMessage): Promise<SendResult> {
  const notifier = hostOf(plugin, toml).get("notifier", plugin.id);
  if (!notifier) throw new Error(`${plugin.id} is off`);
  return notifier.send(message, AbortSignal.timeout(5000)).catch((error: unknown) => ({
    delivered: false,
    status: "thrown",
    detail: messageOf(error),
    retryable: true,
  }));
}

function toOutcome(result: SendResult): string {
  const { delivered, status, detail } = result;
  const retryable = result.delivered ? "" : `, ${result.retryable ? "tried again" : "given up"}`;
  return `${delivered ? "delivered" : "not delivered"}${retryable}: ${status} ${detail}\n`;
}

/** What matters of a request: its line, its own headers sorted, its body as indented JSON. */
function toHttpText({ method, path, headers, body }: CaughtRequest): string {
  const kept = Object.entries(headers).filter(([name]) => !["host", "connection", "content-length"].includes(name));
  const lines = kept.map(([name, value]) => `${name}: ${value}`).sort();
  return [`${method} ${path}`, ...lines, "", JSON.stringify(JSON.parse(body), null, 2), ""].join("\n");
}

function toMailText(mail: Awaited<ReturnType<typeof openSmtpCatch>>["mails"][number] | undefined): string {
  const to = mail?.to && !Array.isArray(mail.to) ? mail.to.text : "";
  const head = [
    `From: ${mail?.from?.text}`,
    `To: ${to}`,
    `Subject: ${mail?.subject}`,
    `Message-ID: ${mail?.messageId}`,
  ];
  return [
    ...head,
    `X-Detectviz-Delivery: ${mail?.headers.get("x-detectviz-delivery")}`,
    "",
    mail?.text,
    "",
    mail?.html,
    "",
  ].join("\n");
}
