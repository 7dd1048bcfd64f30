import type { Server } from "node:https";
import type { PartHealth } from "#internal/healthcheck/contract.ts";
import { messageOf } from "#pkg/errors/errors.ts";
import type { Logger } from "#pkg/logger/port.ts";
import { followFiles } from "../config/follow-files.ts";

export interface CertificateWatch {
  health(): PartHealth;
  close(): Promise<void>;
}

interface TlsFiles {
  cert: string;
  key: string;
}

interface TlsPair {
  cert: Buffer;
  key: Buffer;
}

export interface CertificateWatchDeps {
  files: TlsFiles;
  /** What was read from them at the start. */
  used: TlsPair;
  server: Pick<Server, "setSecureContext">;
  read(files: TlsFiles): TlsPair;
  log: Logger;
}

/** Gives a renewed certificate to new connections; one that cannot be used leaves the old one in use and says so. */
export function watchCertificate({ files, used, server, read, log }: CertificateWatchDeps): CertificateWatch {
  let health: PartHealth = { status: "ok", detail: `certificate as read from ${files.cert}` };
  let inUse = used;
  const renew = () => {
    try {
      const pair = read(files);
      if (isSame(pair, inUse) && health.status === "ok") return;
      server.setSecureContext(pair);
      inUse = pair;
      health = { status: "ok", detail: `certificate renewed at ${new Date().toISOString()}` };
      log.info({ cert: files.cert }, "certificate renewed");
    } catch (error) {
      const detail = `the renewed certificate cannot be used, the old one is: ${messageOf(error)}`;
      if (health.detail !== detail) log.error({ error }, detail);
      health = { status: "degraded", detail };
    }
  };
  // `ready`: what was renewed after the start had read it, and before anybody followed it.
  const following = followFiles([files.cert, files.key], log, { changed: renew, ready: renew });
  return { health: () => health, close: following.close };
}

function isSame(a: TlsPair, b: TlsPair): boolean {
  return a.cert.equals(b.cert) && a.key.equals(b.key);
}
