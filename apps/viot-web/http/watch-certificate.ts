import type { Server } from "node:https";
import type { PartHealth } from "#internal/healthcheck/contract.ts";
import { messageOf } from "#pkg/errors/errors.ts";
import type { Logger } from "#pkg/logger/port.ts";
import { followFiles } from "../config/follow-files.ts";

/** The certificate of a listener, followed in its files. */
export interface CertificateWatch {
  /** "degraded" while what the files hold cannot be used. */
  health(): PartHealth;
  close(): Promise<void>;
}

interface TlsFiles {
  cert: string;
  key: string;
}

/** PEM, as read from the files. */
interface TlsPair {
  cert: Buffer;
  key: Buffer;
}

/** What a watch needs. */
export interface CertificateWatchDeps {
  files: TlsFiles;
  /** What was read from them at the start. */
  used: TlsPair;
  server: Pick<Server, "setSecureContext">;
  /** Throws when they cannot be used. */
  read(files: TlsFiles): TlsPair;
  log: Logger;
}

/** Gives a renewed certificate to new connections; one that cannot be used leaves the old one in use and says so. */
export function watchCertificate({ files, used, server, read, log }: CertificateWatchDeps): CertificateWatch {
  const asRead: PartHealth = { status: "ok", detail: `certificate as read from ${files.cert}` };
  let [health, inUse] = [asRead, used];
  const renew = () => {
    try {
      const pair = read(files);
      if (isSame(pair, inUse)) {
        if (health.status !== "ok") health = asRead;
        return;
      }
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
