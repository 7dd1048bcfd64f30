import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { chromiumPath, openBrowser } from "./browser.ts";
import { accessibilityFaults } from "./faults.ts";
import { createPageServer } from "./fixtures/server.ts";
import { type FullSite, openFullSite } from "./full-site.ts";

const skipped = chromiumPath === undefined && process.env["CI"] !== "true";
const timeout = 120_000;

describe.skipIf(skipped)("pages under hands, in Chromium (apt-get install chromium)", { timeout }, () => {
  let browser: Browser;
  let site: FullSite;
  let base: string;
  let page: Page;
  let faults: string[];
  beforeAll(async () => {
    browser = await openBrowser();
  }, timeout);
  afterAll(async () => browser?.close());
  beforeEach(async () => {
    site = await openFullSite(browser);
    ({ base, page, faults } = site);
  }, timeout);
  afterEach(() => site.close());

  it("logs in, and out again", async () => {
    await page.context().clearCookies();
    await page.goto(`${base}/devices`);
    expect(await accessibilityFaults(page)).toEqual([]);
    await page.fill("#name", "admin");
    await page.fill("#password", "secret");
    await page.click("button.btn-primary");
    await page.waitForURL(`${base}/devices`);
    await page.click("[data-bs-toggle=dropdown]");
    await page.click('[data-api="POST /logout"]');
    await page.waitForURL(`${base}/login`);
    expect(faults).toEqual([]);
  });

  it("is moved by keys: / searches, ? lists the keys, g and a digit go", async () => {
    await page.goto(`${base}/overview`);
    await page.keyboard.press("/");
    await page.keyboard.insertText("current"); // in one piece: each pause between letters asks anew, and puts other answers there
    await page.waitForSelector("#search-results a");
    await page.keyboard.press("ArrowDown");
    expect(await page.evaluate("document.activeElement.closest('#search-results') !== null")).toBe(true);
    await page.keyboard.press("Escape");
    await page.waitForSelector("#search-results a", { state: "detached" });
    await page.click("h1");
    await page.keyboard.press("?");
    await page.waitForSelector("#keys[open]");
    await page.keyboard.press("Escape");
    await page.keyboard.press("g");
    await page.keyboard.press("4");
    await page.waitForURL(`${base}/devices`);
    expect(faults).toEqual([]);
  });

  it("shows a refusal beside its field and loses nothing that was typed", async () => {
    await page.goto(`${base}/password`);
    await page.fill("#old", "wrong one");
    await page.fill("#new", "a longer one");
    await page.click("form[data-api] .btn-primary");
    await page.waitForSelector("#old[aria-invalid=true]");
    expect(await page.textContent(".invalid-feedback")).toBe("is wrong");
    expect(await page.inputValue("#new")).toBe("a longer one");
  });

  it("acknowledges from the list with the session's CSRF token", async () => {
    await page.goto(`${base}/record-status`);
    const [sent] = await Promise.all([
      page.waitForRequest((request) => request.url().endsWith("/api/v1/alerts/a1/acknowledge")),
      page.click('[data-api="POST /api/v1/alerts/a1/acknowledge"]'),
    ]);
    expect(sent.headers()["x-csrf-token"]).toBe("csrf-of-e2e");
    expect(faults).toEqual([]);
  });

  it("silences a device: who, until when, why", async () => {
    await page.goto(`${base}/alerts/a1`);
    await page.click('[data-dialog="silence"]');
    await page.fill("#silence-reason", "being repaired");
    const [sent] = await Promise.all([
      page.waitForRequest((request) => request.url().endsWith("/api/v1/silences")),
      page.waitForEvent("load"), // the page shows what was done
      page.click("#silence .btn-primary"),
    ]);
    expect(sent.postDataJSON()).toEqual({
      matchers: ['device="10.1.8.22:161:0"'],
      until: expect.stringMatching(/^\d{4}-.*Z$/),
      reason: "being repaired",
    });
  });

  it("changes only the thresholds of the rule that caused an alarm", async () => {
    await page.goto(`${base}/alerts/a1`);
    await page.fill('[name="levels.warning.threshold"]', "13");
    const [sent] = await Promise.all([
      page.waitForRequest((request) => request.url().endsWith("/api/v1/rules/r1")),
      page.click("#rule .btn-primary"),
    ]);
    expect([sent.method(), sent.postDataJSON()]).toEqual([
      "PATCH",
      { levels: { warning: { threshold: 13, reset: 11 }, critical: { threshold: 16, reset: 14 } } },
    ]);
  });

  it("sends a scan as it was written", async () => {
    await page.goto(`${base}/find`);
    await page.fill("#ranges", "10.1.8.0/24\n10.1.9.1-10.1.9.40");
    await page.uncheck("#modbus");
    await page.fill('[name="ports.snmp"]', "161, 1161");
    await page.fill("#tags", "room=R1\nrack=A 1");
    const [sent] = await Promise.all([
      page.waitForRequest((request) => request.url().endsWith("/api/v1/scans")),
      page.waitForEvent("load"), // the scan's page
      page.click("#new-scan .btn-primary"),
    ]);
    expect(sent.postDataJSON()).toEqual({
      ranges: ["10.1.8.0/24", "10.1.9.1-10.1.9.40"],
      protocols: ["snmp"],
      ports: { snmp: [161, 1161] },
      tags: { room: "R1", rack: "A 1" },
      autodeploy: true,
    });
  });

  it("keeps itself true in place, says at once when the connection is lost, and heals", async () => {
    await page.goto(`${base}/overview`);
    await page.evaluate("document.querySelector('#loop .loop-value').textContent = 'old'");
    await page.waitForSelector("#loop .loop-value:text-is('38')");
    expect(faults).toEqual([]);
    const port = Number(new URL(base).port);
    await site.app.close();
    await page.waitForSelector("#connection", { state: "visible" });
    const back = createPageServer("full");
    await back.listen({ host: "127.0.0.1", port });
    await page.waitForSelector("#connection", { state: "hidden" });
    await back.close();
  });

  it("leaves a part alone that was opened while its successor was fetched", async () => {
    const fetched = Promise.withResolvers<void>();
    const opened = Promise.withResolvers<void>();
    await page.goto(`${base}/overview`);
    await page.route(`${base}/overview`, async (route) => {
      fetched.resolve();
      await opened.promise;
      await route.continue();
    });
    const answered = page.waitForResponse(`${base}/overview`);
    await fetched.promise;
    await page.evaluate(
      "document.querySelector('#loop').insertAdjacentHTML('beforeend', '<details open id=mine></details>')",
    );
    opened.resolve();
    await (await answered).finished();
    await page.evaluate("new Promise((resolve) => setTimeout(resolve))"); // after the swap, if there is one
    expect(await page.locator("#mine").count()).toBe(1);
  });

  it("draws the chart and the list of devices", async () => {
    await page.goto(`${base}/devices/0192f000-0000-7000-8000-000000000002`);
    await page.waitForSelector(".chart canvas");
    await page.click(".chart-table summary");
    await page.waitForSelector(".chart-numbers tr:nth-child(5)");
    await page.goto(`${base}/devices?state=silent`);
    await page.waitForSelector(".tabulator-row");
    expect(await page.locator(".tabulator-row").count()).toBe(1);
    expect(faults).toEqual([]);
  });
});
