import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { readSiteMap } from "./menu.ts";

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

/** A checkout that holds only what a site map is read from. */
function root(site: string, page = "route: /overview\nicon: gear\nrole: viewer\n"): string {
  const folder = mkdtempSync(path.join(tmpdir(), "detectviz-pages-"));
  folders.push(folder);
  mkdirSync(path.join(folder, "conf"));
  mkdirSync(path.join(folder, "web/pages/overview"), { recursive: true });
  writeFileSync(path.join(folder, "conf/pages.yaml"), site);
  writeFileSync(path.join(folder, "web/pages/overview/config.yaml"), page);
  return folder;
}

describe("readSiteMap", () => {
  it("lets the site raise a page's role and hide it from the side bar", () => {
    const map = readSiteMap(root("home: overview\npages: [{ name: overview, role: admin, menu: false }]"));
    expect(map.pages).toMatchObject([{ name: "overview", role: "admin", menu: false, route: "/overview" }]);
  });

  it.each([
    ["home: overview\npages: [{ name: nowhere }]", /conf\/pages\.yaml.*no page "nowhere".*choose of/],
    ["home: devices\npages: [{ name: overview }]", /conf\/pages\.yaml: home.*"devices" is not among/],
    ["home: overview\npages: [{ name: overview, rôle: admin }]", /conf\/pages\.yaml: \/pages\/0/],
    ["home: overview\npages: [{ name: overview, role: king }]", /conf\/pages\.yaml: \/pages\/0\/role/],
    ["home: overview", /conf\/pages\.yaml/],
    ["", /conf\/pages\.yaml/],
  ])("refuses %j, naming the place", (site, message) => {
    expect(() => readSiteMap(root(site))).toThrow(message);
  });

  it("refuses a page whose own configuration is wrong", () => {
    const wrong = root("home: overview\npages: [{ name: overview }]", "route: overview\nicon: gear\nrole: viewer\n");
    expect(() => readSiteMap(wrong)).toThrow(/web\/pages\/overview\/config\.yaml: \/route/);
  });
});
