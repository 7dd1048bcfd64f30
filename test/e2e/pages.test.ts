import { mkdirSync } from "node:fs";
import path from "node:path";
import type { Browser, BrowserContextOptions } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Server } from "#apps/viot-web/http/server.ts";
import { chromiumPath, openBrowser } from "./browser.ts";
import { accessibilityFaults, sidewaysPx, watchFaults } from "./faults.ts";
import { createPageServer } from "./fixtures/server.ts";
import type { Scenario } from "./fixtures/services.ts";

const shots = path.join(import.meta.dirname, "shots");
const device = "0192f000-0000-7000-8000-000000000002";

/** Every page that a full site has; those of single records are not there in an empty one. */
const pages = {
  overview: "/overview",
  alarms: "/record-status",
  rollouts: "/record-status?tab=rollouts",
  audit: "/record-status?tab=audit",
  rooms: "/grid-status",
  room: "/grid-status?room=F12/P7/DC1/R1",
  devices: "/devices",
  find: "/find",
  rules: "/rules",
  "rule-new": "/rules/new",
  people: "/people",
  system: "/system",
  jobs: "/system/jobs",
  events: "/system/events",
  stores: "/system/stores",
  plugins: "/system/plugins",
  search: "/search?q=F12",
  password: "/password",
} as const;
const records = {
  alert: "/alerts/a1",
  rollout: "/rollouts/ro2",
  device: `/devices/${device}`,
  "device-waiting": "/devices/0192f000-0000-7000-8000-000000000039",
  scan: "/scans/scan1",
  rule: "/rules/r1",
  help: "/help/metric-stores",
  job: "/system/jobs/scan%3A10.1.8.0%2F24",
} as const;

interface Look {
  name: string;
  theme: "light" | "dark";
  locale: "en" | "zh-TW";
  width: number;
  /** Whether axe looks too: once in each theme and width is enough, and it takes most of the time. */
  axe: boolean;
}
/** Four looks in which every pair of theme, language and width meets once. */
const looks = [
  { name: "light", theme: "light", locale: "en", width: 1280, axe: true },
  { name: "dark-zh", theme: "dark", locale: "zh-TW", width: 1280, axe: false },
  { name: "phone-zh", theme: "light", locale: "zh-TW", width: 360, axe: false },
  { name: "phone-dark", theme: "dark", locale: "en", width: 360, axe: true },
] as const satisfies readonly Look[];
const two = [looks[0], looks[3]];
const walks: readonly { scenario: Scenario; looks: readonly Look[]; pages: Readonly<Record<string, string>> }[] = [
  { scenario: "full", looks, pages: { ...pages, ...records } },
  { scenario: "empty", looks: two, pages },
  { scenario: "broken", looks: two, pages: { ...pages, device: records.device, job: records.job } },
];

const skipped = chromiumPath === undefined && process.env["CI"] !== "true";

describe.skipIf(skipped)("pages in Chromium (apt-get install chromium)", () => {
  let browser: Browser;
  beforeAll(async () => {
    mkdirSync(shots, { recursive: true });
    browser = await openBrowser();
  });
  afterAll(async () => browser?.close());

  for (const { scenario, looks, pages } of walks) {
    describe(scenario, () => {
      let app: Server;
      let base: string;
      beforeAll(async () => {
        app = createPageServer(scenario);
        base = await app.listen({ host: "127.0.0.1", port: 0 });
      });
      afterAll(async () => app.close());

      for (const look of looks) {
        it.concurrent(`${look.name}: no script error, no failed request, ${look.axe ? "axe clean, " : ""}no sideways scroll`, {
          timeout: 240_000,
        }, async () => {
          const context = await browser.newContext(optionsOf(look));
          await context.addCookies(cookiesOf(look, base));
          const page = await context.newPage();
          page.setDefaultTimeout(60_000);
          const seen = watchFaults(page);
          const faults: string[] = [];
          for (const [name, address] of Object.entries(pages)) {
            await page.goto(base + address, { waitUntil: "load" });
            await page.waitForTimeout(address.startsWith("/devices") ? 400 : 50); // charts and tables draw after the load
            await page.screenshot({ path: path.join(shots, `${scenario}-${look.name}-${name}.png`), fullPage: true });
            if (look.axe) seen.push(...(await accessibilityFaults(page)));
            if ((await page.content()).includes("⟦")) seen.push("a text is missing from the catalogue");
            const wide = await sidewaysPx(page);
            if (wide > 0) seen.push(`${wide} px too wide`);
            const unexpected = seen.splice(0).filter((fault) => !expected(scenario, fault));
            faults.push(...unexpected.map((fault) => `${address}: ${fault}`));
          }
          await context.close();
          expect(faults.join("\n")).toBe("");
        });
      }
    });
  }
});

/** In the broken site the API fails too; that it fails is what is shown. */
function expected(scenario: Scenario, fault: string): boolean {
  return scenario === "broken" && /(503|500).*(chart|api\/v1\/devices)|status of 50[03]/.test(fault);
}

function optionsOf(look: Look): BrowserContextOptions {
  return {
    viewport: { width: look.width, height: look.width < 600 ? 740 : 900 },
    locale: look.locale,
    reducedMotion: "reduce",
  };
}

function cookiesOf(look: Look, base: string) {
  const cookie = (name: string, value: string) => ({ name, value, url: base });
  return [
    cookie("detectviz_session", "e2e"),
    cookie("detectviz_theme", look.theme),
    cookie("detectviz_locale", look.locale),
  ];
}
