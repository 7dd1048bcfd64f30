import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, statfsSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createRandom } from "../fixtures/random.ts";
import { canMount } from "../fixtures/requirements.ts";
import { loadAndKill } from "./load.ts";
import { openSite, type Site } from "./site.ts";
import { verifyFiles, verifyNode } from "./verify.ts";

const rounds = 4;

describe.skipIf(!canMount())(
  "a node that is killed while its disk is full (needs the right to mount a small one: run as root)",
  { timeout: 120_000 },
  () => {
    const folder = mkdtempSync(join(tmpdir(), "detectviz-full-"));
    const disk = join(folder, "site");
    const filler = join(disk, "filler");
    const random = createRandom(Math.floor(Math.random() * 1e9));
    let site: Site;
    beforeAll(async () => {
      mkdirSync(disk);
      execFileSync("mount", ["-t", "tmpfs", "-o", "size=32m", "tmpfs", disk]);
      site = await openSite(folder, random);
      site.victim.spawn();
      await site.victim.ready();
      site.events.connect(site.victim.socketPath);
    });
    afterAll(async () => {
      await site?.victim.kill();
      execFileSync("umount", ["-l", disk]);
      await site?.close();
      rmSync(folder, { recursive: true, force: true });
    });

    const fillAfter = async (afterMs: number, leaveBytes: number) => {
      await wait(afterMs);
      const { bavail, bsize } = statfsSync(disk);
      try {
        writeFileSync(filler, Buffer.alloc(Math.max(0, bavail * bsize - leaveBytes)));
      } catch (error) {
        // The node was quicker: then it is fuller still.
        if ((error as NodeJS.ErrnoException).code !== "ENOSPC") throw error;
      }
    };

    for (let round = 1; round <= rounds; round++) {
      it(`has everything it acknowledged once there is room again, time ${round}`, async () => {
        const filling = fillAfter(random.int(0, 400), random.int(0, 40) * 4096);
        const killAfterMs = random.int(600, 2000);
        expect(await loadAndKill(site, { killAfterMs, bodies: 0, backupAfterMs: undefined, pause: undefined })).toEqual(
          [],
        );
        await filling;
        expect(await verifyFiles(site)).toEqual([]);
        site.victim.spawn();
        // It runs without room, or says what is missing.
        const said = await site.victim.ready().then(
          () => "up",
          (error: unknown) => String(error),
        );
        expect(said).toMatch(/^up$|full|space|room/);
        await site.victim.kill();
        rmSync(filler);
        site.victim.spawn();
        await site.victim.ready();
        expect(await verifyNode(site)).toEqual([]);
      });
    }
  },
);
