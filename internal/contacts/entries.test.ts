import { describe, expect, it } from "vitest";
import { parseContactsSection, parseRoutesSection, toContactJson } from "./entries.ts";

const locate = (path: readonly (string | number)[]) => `detectviz.conf:${path.join(".")}`;

describe("contacts and routes in the configuration", () => {
  it("take the notifier's settings beside the type, and give them back so", () => {
    const [contact] = parseContactsSection(
      [{ name: "Ann", channels: [{ type: "webhook", url: "http://x", minimum_level: "warning" }] }],
      locate,
    );
    expect(contact).toEqual({
      name: "Ann",
      email: null,
      locale: "en",
      channels: [{ type: "webhook", minimumLevel: "warning", settings: { url: "http://x" } }],
      groups: [],
      active: true,
      source: "detectviz.conf:contacts.0",
    });
    const json = contact && toContactJson({ ...contact, id: "1", createdAt: 0, updatedAt: 0 });
    expect(json?.channels).toEqual([{ type: "webhook", url: "http://x", minimum_level: "warning" }]);
  });

  it("name the place of a wrong key", () => {
    expect(() => parseContactsSection([{ name: "Ann", emial: "a@b" }], locate)).toThrow("contacts.0.emial");
  });

  it("read matchers, and call a route by what it does", () => {
    const [route, all] = parseRoutesSection([{ matchers: ['severity="critical"'], contacts: ["Ann"] }, {}], locate);
    expect(route?.matchers).toEqual([{ name: "severity", op: "=", value: "critical" }]);
    expect(route?.name).toBe('severity="critical" → Ann');
    expect(all?.name).toBe("everything → everyone");
  });

  it.each(["severity", "severity=critical", 'a="1"} or up', 'a=~"("'])(
    "refuse the matcher %s with its place",
    (text) => {
      expect(() => parseRoutesSection([{ matchers: [text] }], locate)).toThrow("detectviz.conf:routes.0.matchers");
    },
  );
});
