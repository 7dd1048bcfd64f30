import type { Browser } from "playwright-core";
import { freePort } from "#test/fixtures/ports.ts";
import { watchFaults } from "./faults.ts";
import { createPageServer } from "./fixtures/server.ts";

/**
 * The pages of a full site on a desktop, logged in. `faults` fills with what the browser complains about. A test that
 * makes a page load waits for that: Chromium hangs at times when a context is closed while its page loads.
 */
export async function openFullSite(browser: Browser) {
  const app = createPageServer("full");
  const base = await app.listen({ host: "127.0.0.1", port: await freePort() });
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
  await context.addCookies([{ name: "detectviz_session", value: "e2e", url: base }]);
  const page = await context.newPage();
  page.setDefaultTimeout(60_000);
  return {
    app,
    base,
    page,
    faults: watchFaults(page),
    async close() {
      await context.close();
      await app.close();
    },
  };
}

export type FullSite = Awaited<ReturnType<typeof openFullSite>>;
