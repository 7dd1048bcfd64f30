import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { openExternalPlugins } from "#internal/plugins/external/external-plugins.ts";
import { createForgetfulStates } from "#internal/plugins/states.ts";
import type { NotificationMessage } from "#pkg/contracts/notifier.ts";
import { silentLogger } from "#pkg/logger/logger.ts";

const page = readFileSync(join(import.meta.dirname, "../../docs/plugins.md"), "utf8");
const block = (language: string) => new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``).exec(page)?.[1] ?? "";

it("the example of docs/plugins.md runs as it stands there", async () => {
  const folder = mkdtempSync(join(tmpdir(), "detectviz-plugins-"));
  mkdirSync(join(folder, "chat"));
  writeFileSync(join(folder, "chat/plugin.json"), block("json"));
  writeFileSync(join(folder, "chat/index.js"), block("js"));
  const posted: unknown[] = [];
  const plugins = await openExternalPlugins(
    {
      isBuiltIn: () => false,
      states: createForgetfulStates(),
      http: {
        async post(url, { json }) {
          posted.push({ url, json });
          return { ok: true, status: 200, text: "thanks" };
        },
      },
      log: silentLogger,
      scrub: (text) => text,
    },
    {
      folders: [folder],
      limits: { memoryMb: 64, loadMs: 10_000, callMs: 5000, graceMs: 1000, pulseMs: 5000, drainMs: 1000 },
      of: () => ({ room: "R1" }),
      sections: [],
      locate: (path) => path.join("."),
    },
  );
  expect(plugins.list()).toMatchObject([{ id: "chat", version: "1.0.0", state: "enabled", reason: null }]);
  const alerts = [{ status: "firing", level: "critical", labels: { alertname: "hot" } }];
  // The part of a message that the example looks at.
  const message = { alerts, deliveryId: "d1", target: { url: "https://chat/" } } as unknown as NotificationMessage;
  const result = await plugins.registry("notifier").get("chat")?.send(message, AbortSignal.timeout(5000));
  expect(result).toEqual({ delivered: true, status: 200, detail: "thanks" });
  expect(posted).toEqual([{ url: "https://chat/", json: { room: "R1", text: "firing critical: hot", id: "d1" } }]);
  await plugins.close();
  rmSync(folder, { recursive: true });
});
