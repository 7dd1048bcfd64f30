import { type TSchema, Type } from "typebox";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createFakeClock } from "#pkg/clock/fake.ts";
import type { AuditEntry } from "#pkg/contracts/audit.ts";
import { openTestDatabase } from "#test/fixtures/database.ts";
import { concealed, concealSecrets } from "./channels.ts";
import { createContacts } from "./contacts.ts";
import type { ContactSpec, Contacts } from "./contract.ts";

const targets = new Map<string, TSchema>([
  [
    "webhook",
    Type.Object(
      { url: Type.String({ pattern: "^https?://" }), bearer: Type.Optional(Type.String({ secret: true })) },
      { additionalProperties: false },
    ),
  ],
  ["email", Type.Object({ address: Type.String({ contactField: "email" }) }, { additionalProperties: false })],
]);
const targetOf = (type: string) => targets.get(type);

const ann: ContactSpec = {
  name: "Ann",
  email: "ann@example.org",
  locale: "en",
  channels: [
    { type: "webhook", settings: { url: "http://127.0.0.1:1/" } },
    { type: "email", settings: {} },
  ],
  groups: ["night"],
  active: true,
};

describe("contacts", () => {
  let database: Awaited<ReturnType<typeof openTestDatabase>>;
  let contacts: Contacts;
  let audit: Omit<AuditEntry, "at">[];
  beforeEach(async () => {
    database = await openTestDatabase();
    audit = [];
    contacts = createContacts({
      sql: database.sql,
      clock: createFakeClock(1000),
      audit: { record: async (entry) => void audit.push(entry) },
      targetOf,
    });
  });
  afterEach(() => database.dispose());

  const channelsFor = async (labels: Record<string, string>) =>
    (await contacts.recipients(labels)).map(({ contact, channel }) => `${contact.name} ${channel.type}`);

  it("keeps what was created and writes it down with who did it", async () => {
    const made = await contacts.create(ann, "eve");
    expect(await contacts.get(made.id)).toEqual(made);
    expect(audit).toEqual([{ by: "eve", action: "contact.create", target: "Ann", before: null, after: made }]);
  });

  it("refuses a second contact of the same name", async () => {
    await contacts.create(ann, "eve");
    await expect(contacts.create(ann, "eve")).rejects.toThrow('there is a contact "Ann" already');
  });

  it.each([
    [{ type: "pigeon", settings: {} }, 'there is no notifier "pigeon"'],
    [{ type: "webhook", settings: {} }, '"webhook" needs url'],
    [{ type: "webhook", settings: { url: "ftp://x" } }, "url must match pattern"],
    [{ type: "webhook", settings: { url: "http://x", colour: "red" } }, '"webhook" does not know colour'],
  ])("refuses the channel %j", async (channel, message) => {
    await expect(contacts.create({ ...ann, channels: [channel] }, "eve")).rejects.toThrow(message);
  });

  it("refuses an e-mail channel of a contact without an address", async () => {
    await expect(contacts.create({ ...ann, email: null }, "eve")).rejects.toThrow('"email" needs address');
  });

  it("fills the e-mail address from the contact", async () => {
    await contacts.create(ann, "eve");
    const [, email] = await contacts.recipients({});
    expect(email?.channel.settings).toEqual({ address: "ann@example.org" });
  });

  it("conceals secrets and keeps them when the concealed word comes back", async () => {
    const channels = [{ type: "webhook", settings: { url: "http://x", bearer: "open" } }];
    const made = await contacts.create({ ...ann, channels }, "eve");
    const shown = concealSecrets(made, targetOf);
    expect(shown.channels[0]?.settings).toEqual({ url: "http://x", bearer: concealed });
    expect(audit[0]?.after).toEqual(shown);
    const updated = await contacts.update(made.id, { ...shown, name: "Anna" }, "eve");
    expect(updated).toMatchObject({ name: "Anna", channels });
  });

  describe("recipients", () => {
    it("are everyone who is active as long as there is no route", async () => {
      await contacts.create(ann, "eve");
      await contacts.create({ ...ann, name: "Bob", active: false }, "eve");
      expect(await channelsFor({ severity: "info" })).toEqual(["Ann webhook", "Ann email"]);
    });

    it("are those of every route that fits, by name and by group; everyone when none fits", async () => {
      const quick = { ...ann, channels: [{ type: "email", settings: {} }] };
      await contacts.create(quick, "eve");
      await contacts.create({ ...quick, name: "Bob", groups: ["day"] }, "eve");
      await contacts.create({ ...quick, name: "Cem", groups: [] }, "eve");
      const severity = (value: string) => [{ name: "severity", op: "=" as const, value }];
      await contacts.createRoute(
        { name: "a", matchers: severity("critical"), contacts: ["Cem"], groups: ["day"] },
        "eve",
      );
      await contacts.createRoute({ name: "b", matchers: severity("warning"), contacts: [], groups: ["night"] }, "eve");
      expect(await channelsFor({ severity: "critical" })).toEqual(["Bob email", "Cem email"]);
      expect(await channelsFor({ severity: "warning" })).toEqual(["Ann email"]);
      expect(await channelsFor({ severity: "info" })).toEqual(["Ann email", "Bob email", "Cem email"]);
    });

    it("leave out channels that want a higher level", async () => {
      const channels = [{ type: "email", minimumLevel: "critical" as const, settings: {} }];
      await contacts.create({ ...ann, channels }, "eve");
      expect(await channelsFor({ severity: "warning" })).toEqual([]);
      expect(await channelsFor({ severity: "critical" })).toEqual(["Ann email"]);
    });
  });

  it("refuses a route to a name that nobody has", async () => {
    const route = { name: "r", matchers: [], contacts: ["Nobody"], groups: ["none"] };
    await expect(contacts.createRoute(route, "eve")).rejects.toThrow('there is no contact "Nobody", no group "none"');
  });

  describe("from files", () => {
    const file = { ...ann, source: "detectviz.conf:3" };

    it("come, keep their id, change and go with their entry, and leave those of the database alone", async () => {
      await contacts.create({ ...ann, name: "Bob" }, "eve");
      await contacts.setFromFiles([file], [{ name: "r", matchers: [], contacts: ["Ann"], groups: [], source: "f:9" }]);
      const [before] = await contacts.list();
      await contacts.setFromFiles([{ ...file, groups: [] }], []);
      const [after] = await contacts.list();
      expect(after).toMatchObject({ id: before?.id, groups: [], source: "detectviz.conf:3" });
      expect(await contacts.listRoutes()).toEqual([]);
      await contacts.setFromFiles([], []);
      expect((await contacts.list()).map((one) => one.name)).toEqual(["Bob"]);
    });

    it("are read-only, with the place", async () => {
      await contacts.setFromFiles([file], [{ name: "r", matchers: [], contacts: [], groups: [], source: "f:9" }]);
      const [contact] = await contacts.list();
      const [route] = await contacts.listRoutes();
      const readOnly = { code: "read_only", at: "detectviz.conf:3" };
      await expect(contacts.update(contact?.id ?? "", ann, "eve")).rejects.toMatchObject(readOnly);
      await expect(contacts.remove(contact?.id ?? "", "eve")).rejects.toMatchObject(readOnly);
      await expect(contacts.removeRoute(route?.id ?? "", "eve")).rejects.toMatchObject({
        code: "read_only",
        at: "f:9",
      });
    });

    it("refuse a name that is taken, and leave everything as it was", async () => {
      await contacts.create(ann, "eve");
      await expect(contacts.setFromFiles([file], [])).rejects.toThrow(
        'detectviz.conf:3: the contact "Ann" is in the database',
      );
      const twins = [
        { ...file, name: "Bob" },
        { ...file, name: "Bob", source: "detectviz.conf:9" },
      ];
      await expect(contacts.setFromFiles(twins, [])).rejects.toThrow("is in detectviz.conf:3 already");
      expect((await contacts.list()).map((one) => one.source)).toEqual([null]);
    });
  });

  it("says which record is not there", async () => {
    await expect(contacts.remove("x", "eve")).rejects.toMatchObject({ code: "not_found" });
    await expect(contacts.removeRoute("x", "eve")).rejects.toMatchObject({ code: "not_found" });
  });
});
