import type { PageServices } from "../../services.ts";

/** One sentence on what Detectviz does, or waits for. */
export interface Doing {
  kind: "works" | "waits" | "quiet";
  text: string;
  values: Readonly<Record<string, string | number>>;
  /** The part's own words, for example the last line of a build. */
  detail: string | null;
  /** 0…1 where it is known how far it is. */
  progress: number | null;
  href: string | null;
}

/** What is done now, what comes next, and what is waited for; one quiet line when nothing is. */
export async function whatIsDone(services: PageServices): Promise<readonly Doing[]> {
  const list = [
    ...telegraf(services),
    ...(await scans(services)),
    ...(await rollouts(services)),
    ...(await decisions(services)),
  ];
  return list.length > 0 ? list : [doing("quiet", "now.quiet")];
}

function doing(kind: Doing["kind"], text: string, more: Partial<Omit<Doing, "kind" | "text">> = {}): Doing {
  return { kind, text, values: {}, detail: null, progress: null, href: null, ...more };
}

function telegraf(services: PageServices): Doing[] {
  const binary = services.fleet.binary();
  if (binary.state === "ready") return [];
  const detail = binary.detail;
  if (binary.state === "missing") return [doing("waits", "now.telegrafMissing", { detail, href: "/system" })];
  return [doing("works", `now.telegraf.${binary.state}`, { detail, href: "/system" })];
}

async function scans(services: PageServices): Promise<Doing[]> {
  const running = (await services.scans.list(10)).filter((scan) => scan.state === "running");
  return running.map(({ id, request, progress }) =>
    doing("works", "now.scan", {
      values: {
        ranges: request.ranges.join(", "),
        sent: progress.sent,
        total: progress.total,
        answered: progress.answered,
      },
      progress: progress.total === 0 ? null : progress.sent / progress.total,
      href: `/scans/${id}`,
    }),
  );
}

async function rollouts(services: PageServices): Promise<Doing[]> {
  const open = (await services.rollouts.list(10)).filter((rollout) => rollout.endedAt === null);
  return open.map(({ id, unitId, state, added }) =>
    doing("works", `now.rollout.${state}`, { values: { unit: unitId, n: added.length }, href: `/rollouts/${id}` }),
  );
}

async function decisions(services: PageServices): Promise<Doing[]> {
  const counts = await services.inventory.counts();
  if (counts.discovered === 0) return [];
  return [doing("waits", "now.accept", { values: { n: counts.discovered }, href: "/devices?state=discovered" })];
}
