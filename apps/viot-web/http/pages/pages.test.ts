import path from "node:path";
import { brotliDecompressSync, gunzipSync } from "node:zlib";
import { afterEach, describe, expect, it } from "vitest";
import type { UserRole } from "#pkg/auth/port.ts";
import { createPageServer } from "#test/e2e/fixtures/server.ts";
import { openAssetFiles } from "./asset-files.ts";
import { readSiteMap } from "./menu.ts";
import { safeNext } from "./safe-next.ts";

const root = path.join(import.meta.dirname, "../../../..");
const cookie = "detectviz_session=e2e";
const servers: ReturnType<typeof createPageServer>[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
});

function server(role?: UserRole) {
  const app = createPageServer("full", role);
  servers.push(app);
  return app;
}

const form = (fields: Record<string, string>) => ({
  method: "POST" as const,
  headers: { "content-type": "application/x-www-form-urlencoded" },
  payload: String(new URLSearchParams(fields)),
});

describe("log-in", () => {
  it("leads from a page to the log-in and back to it", async () => {
    const app = server();
    const away = await app.inject("/devices?state=online");
    expect(away.statusCode).toBe(302);
    expect(away.headers.location).toBe("/login?next=%2Fdevices%3Fstate%3Donline");
    const back = await app.inject({
      url: "/login",
      ...form({ name: "admin", password: "secret", next: "/devices?state=online" }),
    });
    expect(back.statusCode).toBe(303);
    expect(back.headers.location).toBe("/devices?state=online");
    expect(back.headers["set-cookie"]).toBe("detectviz_session=e2e; Path=/; HttpOnly; SameSite=Strict");
  });

  it("keeps the name and says so when the password is wrong", async () => {
    const answer = await server().inject({ url: "/login", ...form({ name: '"><b>', password: "x" }) });
    expect(answer.statusCode).toBe(401);
    expect(answer.body).toContain("The name or the password is wrong.");
    expect(answer.body).toContain('value="&quot;&gt;&lt;b&gt;"');
    expect(answer.headers["set-cookie"]).toBeUndefined();
  });

  it("says how long to wait when it is throttled", async () => {
    const answer = await server().inject({ url: "/login", ...form({ name: "hasty", password: "x" }) });
    expect(answer.statusCode).toBe(429);
    expect(answer.headers["retry-after"]).toBe("27");
    expect(answer.body).toContain("in 27 seconds");
  });

  it("is refused from another site", async () => {
    const wish = form({ name: "admin", password: "secret" });
    const headers = { ...wish.headers, "sec-fetch-site": "cross-site" };
    expect((await server().inject({ url: "/login", ...wish, headers })).statusCode).toBe(403);
  });

  it("sends htmx to the log-in instead of putting it into a part", async () => {
    const answer = await server().inject({ url: "/overview", headers: { "hx-request": "true" } });
    expect([answer.statusCode, answer.headers["hx-redirect"]]).toEqual([401, "/login"]);
  });

  it("ends with the session's cookie taken back, and only with the CSRF token", async () => {
    const app = server();
    expect((await app.inject({ method: "POST", url: "/logout", headers: { cookie } })).statusCode).toBe(403);
    const answer = await app.inject({
      method: "POST",
      url: "/logout",
      headers: { cookie, "x-csrf-token": "csrf-of-e2e" },
    });
    expect(answer.statusCode).toBe(204);
    expect(answer.headers["set-cookie"]).toContain("Max-Age=0");
  });

  it.each([
    "//evil.example",
    "/\\evil.example",
    "https://evil.example",
    "/login?next=/x",
    "",
    "javascript:alert(1)",
    "/\t/evil",
  ])("never leads on to %j", (next) => {
    expect(safeNext(next)).toBe("/");
  });
});

describe("pages", () => {
  it("carry the fences", async () => {
    const app = server();
    for (const url of ["/login", "/overview", "/api/v1/devices"]) {
      const { headers } = await app.inject({ url, headers: { cookie } });
      expect(headers["content-security-policy"]).toContain("script-src 'self'; style-src 'self'");
      expect(headers["content-security-policy"]).not.toContain("unsafe");
      expect(headers["x-content-type-options"]).toBe("nosniff");
    }
  });

  it("show a role what it may, and nothing else", async () => {
    const viewer = await server("viewer").inject({ url: "/alerts/a1", headers: { cookie } });
    expect(viewer.body).not.toContain("/acknowledge");
    expect(viewer.body).not.toContain("Save thresholds");
    const operator = await server("operator").inject({ url: "/alerts/a1", headers: { cookie } });
    expect(operator.body).toContain("/api/v1/alerts/a1/acknowledge");
    expect(operator.body).not.toContain("Save thresholds");
    const system = await server("engineer").inject({ url: "/system", headers: { cookie } });
    expect(system.body).not.toContain("API tokens");
  });

  it("say what is not there, and what went wrong, as pages", async () => {
    const app = server();
    const missing = await app.inject({ url: "/alerts/nope", headers: { cookie } });
    expect(missing.statusCode).toBe(404);
    expect(missing.body).toContain("Not found");
  });

  it("escape what devices say of themselves", async () => {
    const { body } = await server().inject({
      url: "/devices/0192f000-0000-7000-8000-000000000039",
      headers: { cookie },
    });
    expect(body).not.toContain("<script>alert");
    expect(body).not.toContain("<img src=x");
    expect(body).toContain("&lt;script&gt;alert(1)");
  });

  it("speak the language and wear the theme that were chosen", async () => {
    const app = server();
    const chosen = await app.inject({
      url: "/preferences",
      ...form({ theme: "dark", locale: "zh-TW", next: "/overview" }),
    });
    const cookies = [chosen.headers["set-cookie"]].flat().map((line) => String(line).split(";")[0]);
    expect(cookies).toEqual(["detectviz_theme=dark", "detectviz_locale=zh-TW"]);
    const page = await app.inject({ url: "/overview", headers: { cookie: [cookie, ...cookies].join("; ") } });
    expect(page.body).toContain('<html lang="zh-TW" data-bs-theme="dark"');
    const nonsense = await app.inject({ url: "/preferences", ...form({ theme: "x", locale: "de" }) });
    expect(nonsense.headers["set-cookie"]).toBeUndefined();
  });

  it.each([
    ["/chart?device=x&metric=a%20b&range=1000", 400],
    ["/chart?device=x&metric=a&range=-1", 400],
    ["/chart?device=x&metric=a&range=99999999999", 400],
    ["/chart?device=x&metric=a&range=1000", 404],
    ["/chart?device=0192f000-0000-7000-8000-000000000002&metric=pdu_current&range=3600000", 200],
  ])("answer %s with %d", async (url, status) => {
    expect((await server().inject({ url, headers: { cookie } })).statusCode).toBe(status);
  });
});

describe("files for browsers", () => {
  const files = openAssetFiles(root);
  const get = (name: string, encoding?: string) =>
    server().inject({
      url: `/assets/${files.hash}/${name}`,
      headers: encoding === undefined ? {} : { "accept-encoding": encoding },
    });

  it("are fresh for ever under their hash, and not under another", async () => {
    expect((await get("lib/htmx.js")).headers["cache-control"]).toContain("immutable");
    const old = await server().inject("/assets/000000000000/lib/htmx.js");
    expect(old.headers["cache-control"]).toBe("no-cache");
  });

  it("are compressed as the browser can", async () => {
    const plain = await get("lib/htmx.js");
    expect(brotliDecompressSync((await get("lib/htmx.js", "gzip, br")).rawPayload)).toEqual(plain.rawPayload);
    expect(gunzipSync((await get("lib/htmx.js", "gzip")).rawPayload)).toEqual(plain.rawPayload);
  });

  it("are stripped of their types, and of the way to source maps", async () => {
    const module = await get("web/browser/api.client.ts");
    expect(module.headers["content-type"]).toContain("text/javascript");
    expect(module.body).not.toMatch(/: string|interface /);
    expect((await get("lib/bootstrap.js")).body).not.toContain("sourceMappingURL");
  });

  it.each([
    "nope.js",
    "../package.json",
    "..%2f..%2fpackage.json",
    "web/services.ts",
    "web/browser/libraries.d.ts",
    "constructor",
  ])("do not hold %s", async (name) => {
    expect((await get(name)).statusCode).toBe(404);
  });

  it("make a first load below 250 kB", async () => {
    const page = await server().inject({ url: "/devices", headers: { cookie } });
    const names = [...page.body.matchAll(/\/assets\/[0-9a-f]+\/([^"#]+)/g)].map((match) => match[1] ?? "");
    const sizes = await Promise.all([...new Set(names)].map(async (name) => (await get(name, "br")).rawPayload.length));
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(250_000);
  });
});

describe("readSiteMap", () => {
  it("reads what is shipped", () => {
    const map = readSiteMap(root);
    expect(map.home.name).toBe("overview");
    expect(map.pages.filter((page) => page.menu).map((page) => page.name)).toEqual([
      "overview",
      "record-status",
      "grid-status",
      "devices",
      "find",
      "rules",
      "people",
      "system",
    ]);
  });
});
