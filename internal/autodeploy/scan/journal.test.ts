import { describe, expect, it } from "vitest";
import { createJournal } from "./journal.ts";

describe("journal of a scan", () => {
  const line = { atMs: 1, target: "127.0.9.1:161", sent: "GET", outcome: "answered" };

  it("keeps the first lines up to its bound and says how many it left out", () => {
    const journal = createJournal(2);
    for (let index = 0; index < 5; index++) journal.add(line);
    journal.end(9);
    expect(journal.take()).toEqual([
      line,
      line,
      { atMs: 9, target: "journal", sent: "", outcome: "3 more lines were not kept; the bound is 2" },
    ]);
    expect(journal.take()).toEqual([]);
  });

  it("says nothing when it kept all", () => {
    const journal = createJournal(2);
    journal.add(line);
    journal.end(9);
    expect(journal.take()).toEqual([line]);
  });
});
