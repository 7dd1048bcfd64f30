import { statfs } from "node:fs/promises";
import type { PartHealth } from "#internal/healthcheck/contract.ts";

const megabyte = 1024 * 1024;
/** A large disk is not called full while it has this much. */
const plentyBytes = 1024 * megabyte;
const leastShare = 0.05;

/** Room on the disk of the data folder; "degraded" below 5 % and 1 GB, while writes may soon be refused. */
export async function readDiskHealth(dataFolder: string): Promise<PartHealth> {
  const { bavail, blocks, bsize } = await statfs(dataFolder);
  const freeBytes = bavail * bsize;
  const detail = `${Math.floor(freeBytes / megabyte)} MB of ${Math.floor((blocks * bsize) / megabyte)} MB are free`;
  if (freeBytes >= plentyBytes || bavail >= blocks * leastShare) return { status: "ok", detail };
  return { status: "degraded", detail: `the disk is nearly full: ${detail}; make room, or shorten the retention` };
}
