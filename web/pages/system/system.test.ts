import { afterEach, describe, expect, it } from "vitest";
import type { UserRole } from "#pkg/auth/port.ts";
import { createPageServer } from "#test/e2e/fixtures/server.ts";
import type { Scenario } from "#test/e2e/fixtures/services.ts";

const servers: ReturnType<typeof createPageServer>[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
});

async function read(url: string, role: UserRole = "admin", scenario: Scenario = "full", locale = "en") {
  const server = createPageServer(scenario, role);
  servers.push(server);
  const cookie = `detectviz_session=e2e; detectviz_locale=${locale}`;
  return await server.inject({ url, headers: { cookie } });
}

/** What a page lets its reader do. */
function callsIn(body: string): string[] {
  return [...body.matchAll(/data-api="([A-Z]+ \/api\/v1\/[^"]+)"/g)].map((match) => match[1] ?? "");
}

describe("the system's pages", () => {
  it.each([
    ["/system/plugins", "engineer", "admin", "/disable"],
    ["/system/events", "operator", "engineer", "/resend"],
    ["/system/jobs", "operator", "engineer", "/pause"],
    ["/system/jobs/scan%3A10.1.8.0%2F24", "operator", "engineer", "/run"],
  ] as const)("%s lets %s read and %s act", async (url, reader, actor, act) => {
    expect(callsIn((await read(url, reader)).body)).toEqual([]);
    expect(callsIn((await read(url, actor)).body).some((call) => call.endsWith(act))).toBe(true);
  });

  it("offers what fits the state of a plugin", async () => {
    const calls = callsIn((await read("/system/plugins")).body);
    const of = (id: string) => calls.filter((call) => call.includes(`/${id}/`)).map((call) => call.split("/").at(-1));
    expect(of("chat")).toEqual(["enable", "disable"]); // try again, or let it rest
    expect(of("webhook")).toEqual(["enable"]);
    expect(of("bacnet")).toEqual(["disable"]);
    expect(of("pager")).toEqual(["disable"]); // gone: disabling forgets it
    expect(of("half-copied")).toEqual([]);
  });

  it("names a part and what its trouble means in the reader's language, and one it does not know by its own name", async () => {
    const { body } = await read("/system", "viewer", "full", "zh-TW");
    expect(body).toContain("外部儲存庫");
    expect(body).toContain("所有功能照常運作，只是較慢。");
    expect(body).toContain("from a later version");
    expect(body).not.toContain("⟦");
    expect(body).not.toMatch(/機密資料<\/h2>/); // for administrators
  });

  it("shows times inside what parts say in the site's zone", async () => {
    const { body } = await read("/system");
    expect(body).toMatch(/away since \d{4}-\d\d-\d\d \d\d:\d\d:\d\d/);
    expect(body).not.toMatch(/away since \S+Z/);
  });

  it.each(["jobs", "events", "stores", "plugins"])("keep /system/%s alive while its part fails", async (name) => {
    const answer = await read(`/system/${name}`, "admin", "broken");
    expect(answer.statusCode).toBe(200);
    expect(answer.body).toContain("the database does not answer");
  });

  it("know no job and no document that is not there", async () => {
    expect((await read("/system/jobs/nope")).statusCode).toBe(404);
    expect((await read("/help/nope")).statusCode).toBe(404);
  });

  it("escape what plugins, stores and events say", async () => {
    expect((await read("/system/events")).body).toContain("&lt;b&gt;connect ECONNREFUSED");
  });
});
