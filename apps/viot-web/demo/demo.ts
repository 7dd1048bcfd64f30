import { isDeepStrictEqual } from "node:util";
import type { PartHealth } from "#internal/healthcheck/contract.ts";
import type { Logger } from "#pkg/logger/port.ts";
import type { NodeConfig } from "../config/config.ts";
import { type DemoSite, openDemoSite } from "./site.ts";

/** The demo site, which comes and goes with `[demo] enabled`. */
export interface Demo {
  use(config: NodeConfig["demo"]): Promise<void>;
  health(): PartHealth;
  close(): Promise<void>;
}

/** Nothing runs until `use`. */
export function createDemo({ log }: { log: Logger }): Demo {
  let used: NodeConfig["demo"] | undefined;
  let site: DemoSite | undefined;
  return {
    async use(config) {
      if (isDeepStrictEqual(config, used)) return;
      used = config;
      await site?.close();
      site = config.enabled ? openDemoSite({ ...config, log }) : undefined;
    },
    health() {
      if (!site) return { status: "ok", detail: "not wanted" };
      if (site.isUp()) return { status: "ok", detail: "runs" };
      return { status: "degraded", detail: "the demo site ended; its log lines say why" };
    },
    close: async () => site?.close(),
  };
}
