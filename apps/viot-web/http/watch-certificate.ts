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

/** Gives a renewed certificate to new connections; one that cannot be used leaves the old one in use and says so. */
export function watchCertificate(
  files: TlsFiles,
  server: Pick<Server, "setSecureContext">,
  read: (files: TlsFiles) => { cert: Buffer; key: Buffer } | undefined,
  log: Logger,
): CertificateWatch {
  let health: PartHealth = { status: "ok", detail: `certificate as read from ${files.cert}` };
  const renew = () => {
    try {
      server.setSecureContext({ ...read(files) });
      health = { status: "ok", detail: `certificate renewed at ${new Date().toISOString()}` };
      log.info({ cert: files.cert }, "certificate renewed");
    } catch (error) {
      const detail = `the renewed certificate cannot be used, the old one is: ${messageOf(error)}`;
      if (health.detail !== detail) log.error({ error }, detail);
      health = { status: "degraded", detail };
    }
  };
  const following = followFiles([files.cert, files.key], log, { changed: renew });
  return { health: () => health, close: following.close };
}
