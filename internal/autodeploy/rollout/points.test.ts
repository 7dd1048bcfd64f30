import { describe, expect, it } from "vitest";
import { escapeName, parsePrinted } from "./points.ts";

describe("points that telegraf --test prints", () => {
  it("are taken apart with their escapes kept", () => {
    const point = parsePrinted('pdu,name=a\\ b\\,c\\=d,device=k current=1.5,cur\\=r=2i,text="x" 1700000000000000000');
    expect(point?.tags).toEqual(["device=k", "name=a\\ b\\,c\\=d"]);
    expect([...(point?.fields ?? [])]).toEqual([
      ["current", 1.5],
      ["cur\\=r", 2],
    ]);
  });

  it("know a backslash that is only itself", () => {
    const value = "a\\b\\,c";
    expect(parsePrinted(`m,tag=${escapeName(value)} f=1 1`)?.tags).toEqual(["tag=a\\b\\\\,c"]);
  });

  it("are told from other lines", () => {
    expect(parsePrinted("nothing")).toBeUndefined();
    expect(parsePrinted("m,tag=1 f=text 1")?.fields.size).toBe(0);
  });
});
