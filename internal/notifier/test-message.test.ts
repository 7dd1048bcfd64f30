import { describe, expect, it } from "vitest";
import { contactsOf } from "#test/fixtures/notifier-bench.ts";
import { useNotifierSite } from "#test/fixtures/notifier-site.ts";
import { openSmtpCatch } from "#test/fixtures/smtp-catch.ts";

describe("notifier, a test message", () => {
  const { serve, start, closing } = useNotifierSite();

  it("goes to every channel once, and its answer is told and recorded", async () => {
    const [good, bad, smtp] = [
      await serve(() => ({ status: 202, body: "ok" })),
      await serve(() => ({ status: 503, body: "down" })),
      await openSmtpCatch(),
    ];
    closing(smtp.close);
    const base = contactsOf([good.url, bad.url]);
    const [one, two] = await base.recipients();
    if (!one || !two) throw new Error("the bench has two contacts");
    const email = { type: "email", settings: { address: "ann@example.org" } };
    const channels = async () => [
      one,
      { ...one, channel: two.channel, channelIndex: 1 },
      { ...one, channel: email, channelIndex: 2 },
    ];
    const { notifier, records } = await start(
      [],
      {},
      { contacts: { ...base, channels } },
      { host: "127.0.0.1", port: smtp.port, starttls: "never" },
    );
    const results = await notifier.test("contact-0", "eve");
    expect(results).toMatchObject([
      { channel: "webhook", result: { delivered: true, status: "202", detail: "ok" } },
      { channel: "webhook", result: { delivered: false, status: "503", detail: "down" } },
      { channel: "email", result: { delivered: true, status: "250" } },
    ]);
    expect(bad.requests).toHaveLength(1);
    expect(smtp.mails[0]?.subject).toBe("[Test] DetectvizTest");
    expect((await records()).map((record) => [record.status, record.state])).toEqual([
      ["test", "sent"],
      ["test", "failed"],
      ["test", "sent"],
    ]);
  });

  it("is refused for a contact that is not there", async () => {
    const { notifier } = await start([]);
    await expect(notifier.test("nobody", "eve")).rejects.toMatchObject({ code: "not_found" });
  });
});
