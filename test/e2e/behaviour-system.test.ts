import type { Browser, Dialog, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { chromiumPath, openBrowser } from "./browser.ts";
import { type FullSite, openFullSite } from "./full-site.ts";

const skipped = chromiumPath === undefined && process.env["CI"] !== "true";
const timeout = 120_000;
const letter = "notifier/0192f000-0000-7000-8000-0000000000d2";

describe.skipIf(skipped)("the system's pages under hands, in Chromium (apt-get install chromium)", { timeout }, () => {
  let browser: Browser;
  let site: FullSite;
  let base: string;
  let page: Page;
  let faults: string[];
  let asked: string[];
  let sent: string[];
  let answer: (dialog: Dialog) => Promise<void>;
  beforeAll(async () => {
    browser = await openBrowser();
  }, timeout);
  afterAll(async () => browser?.close());
  beforeEach(async () => {
    site = await openFullSite(browser);
    ({ base, page, faults } = site);
    [asked, sent] = [[], []];
    answer = (dialog) => dialog.accept();
    page.on("dialog", (dialog) => {
      asked.push(dialog.message());
      void answer(dialog);
    });
    page.on("request", (request) => {
      if (request.method() !== "GET") sent.push(`${request.method()} ${new URL(request.url()).pathname}`);
    });
  }, timeout);
  afterEach(() => site.close());

  it("disables a plugin after asking, shows it, and undoes it, all by keyboard", async () => {
    await page.goto(`${base}/system/plugins`);
    const button = page.locator("#switch-notifier-email");
    await button.focus();
    await page.keyboard.press("Enter");
    await page.waitForSelector('#switch-notifier-email:has-text("Enable")');
    expect(asked[0]).toContain("Nobody is told by it");
    expect(await page.textContent("tr:has(#switch-notifier-email)")).toContain("Disabled");
    await page.waitForFunction("document.activeElement.id === 'switch-notifier-email'");
    await page.keyboard.press("Enter");
    await page.waitForSelector('#switch-notifier-email:has-text("Disable")');
    expect(sent).toEqual(["POST /api/v1/plugins/notifier/email/disable", "POST /api/v1/plugins/notifier/email/enable"]);
    expect(faults).toEqual([]);
  });

  it("shows what a click did though the pointer still rests on the list", async () => {
    await page.goto(`${base}/system/plugins`);
    await page.click("#switch-scanner-snmp");
    await page.waitForSelector('#switch-scanner-snmp:has-text("Enable")');
    expect(asked).toEqual(["Disable snmp? No device is found by it until it is enabled again, over a restart too."]);
    expect(faults).toEqual([]);
  });

  it("changes nothing when the question is answered with no", async () => {
    answer = (dialog) => dialog.dismiss();
    await page.goto(`${base}/system/plugins`);
    await page.click("#retry-notifier-chat");
    expect(asked).toHaveLength(1);
    await page.goto(`${base}/system/events`);
    await page.click(`[data-api="DELETE /api/v1/events/dead-letters/${letter}"]`);
    expect(asked[1]).toContain("gone for good");
    await page.evaluate("0"); // what the page asks for before that is known by then
    expect(sent).toEqual([]);
  });

  it("sends a dead letter again, or drops it", async () => {
    await page.goto(`${base}/system/events`);
    await page.click(`[data-api="POST /api/v1/events/dead-letters/${letter}/resend"]`);
    await page.waitForSelector(".toast-line, #toasts > *");
    await page.click(`[data-api="DELETE /api/v1/events/dead-letters/${letter}"]`);
    await expect.poll(() => sent).toHaveLength(2);
    expect(sent).toEqual([
      `POST /api/v1/events/dead-letters/${letter}/resend`,
      `DELETE /api/v1/events/dead-letters/${letter}`,
    ]);
    expect(faults).toEqual([]);
  });

  it("leads from a job to what it printed, and runs, pauses and resumes it", async () => {
    await page.goto(`${base}/system/jobs`);
    await page.click('a:text("scan 10.1.8.0/24")');
    await page.waitForURL(/\/system\/jobs\/scan%3A10\.1\.8\.0%2F24$/);
    await page.click("#runs summary");
    expect(await page.textContent("#runs details pre")).toContain("10.1.8.39: no answer");
    await page.click("#job button:has-text('Run now')");
    await page.click("#job button:has-text('Pause')");
    await page.goto(`${base}/system/jobs`);
    await page.click("button:has-text('Resume')");
    await expect.poll(() => sent).toHaveLength(3);
    expect(sent).toEqual([
      "POST /api/v1/jobs/scan%3A10.1.8.0%2F24/run",
      "POST /api/v1/jobs/scan%3A10.1.8.0%2F24/pause",
      "POST /api/v1/jobs/scan%3A10.1.10.0%2F24/resume",
    ]);
    expect(asked).toHaveLength(1);
    expect(faults).toEqual([]);
  });

  it("goes from a part in trouble to the page that tells more", async () => {
    await page.goto(`${base}/system`);
    await page.click("#health a[href='/system/stores']");
    await page.waitForURL(`${base}/system/stores`);
    expect(await page.textContent("#outside")).toContain("6.2 GB of at most 10 GB");
  });
});
