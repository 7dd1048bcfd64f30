import { expect, it } from "vitest";
import type { TelegrafUnit } from "#internal/fleet/contract.ts";
import { checkConfig } from "#pkg/config/check.ts";
import { type NodeConfig, nodeConfig } from "../config/config.ts";
import { takeOverTelegraf } from "./take-over.ts";

const config = (value: unknown): NodeConfig => checkConfig(nodeConfig, value, (path) => path.join("."));

it.each([
  ["an interval", { telegraf: { interval: "30s" } }, ["nudge"]],
  ["a binary", { telegraf: { binary: "/usr/bin/telegraf" } }, ["look again", "nudge"]],
  ["the node's address", { http: { listen: "127.0.0.1:1" } }, ["restart busy", "nudge"]],
  ["the node's scheme", { http: { tls: { cert: "a", key: "b" } } }, ["restart busy", "nudge"]],
])("Telegraf follows %s", async (_, change, expected) => {
  const done: string[] = [];
  const unit = (id: string, devices: string[]) => ({ id, devices }) as unknown as TelegrafUnit; // all that is looked at
  await takeOverTelegraf(config({}), config(change), {
    fleet: {
      units: () => [unit("busy", ["a"]), unit("empty", [])],
      restart: async (id) => void done.push(`restart ${id}`),
      lookAgain: async () => void done.push("look again"),
    },
    follower: { nudge: () => void done.push("nudge") },
  });
  expect(done).toEqual(expected);
});
