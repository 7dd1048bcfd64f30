import { createAudit } from "#pkg/audit/audit.ts";
import { createLocalAuth } from "#pkg/auth/local-auth.ts";
import { type Role, userRoles } from "#pkg/auth/port.ts";
import { createMemoryCache } from "#pkg/cache/adapters/memory.ts";
import { systemClock as clock } from "#pkg/clock/clock.ts";
import { toDurationMs } from "#pkg/config/duration.ts";
import { AppError } from "#pkg/errors/errors.ts";
import { silentLogger } from "#pkg/logger/logger.ts";
import { readNodeConfig } from "../config/config.ts";
import { withRecords } from "./files.ts";
import { callNode } from "./node-client.ts";
import { type CommonOptions, toPaths } from "./options.ts";
import { print, runCommand } from "./output.ts";

export interface TokenOptions extends CommonOptions {
  role: string;
  name: string;
  expires?: string;
}

/** `detectviz token create`: through the running node, else in the files under its lock. The token alone on stdout. */
export async function createToken(options: TokenOptions): Promise<void> {
  await runCommand(options.json, async () => {
    const { dataFolder } = toPaths(options);
    const wanted = { name: options.name, role: toRole(options.role), expiresAt: toExpiry(options.expires) };
    const answer = await callNode(dataFolder, "POST", "/api/v1/tokens", {
      name: wanted.name,
      role: wanted.role,
      ...(options.expires === undefined ? {} : { expires_in: options.expires }),
    });
    const made = answer ? (answer.body as { id: string; token: string }) : await makeInFiles(options, wanted);
    print(options.json, made, made.token);
  });
}

async function makeInFiles(options: TokenOptions, wanted: { name: string; role: Role; expiresAt: number | null }) {
  const { configFile } = toPaths(options);
  const { auth: authConfig } = readNodeConfig(configFile, process.env).value;
  return withRecords(options, async (sql) => {
    const cache = createMemoryCache({ clock, maxEntries: 10, maxBytes: 100_000 });
    const audit = createAudit({ sql, clock });
    const auth = createLocalAuth({ sql, clock, log: silentLogger, audit, config: () => authConfig, cache });
    return auth.createToken(wanted);
  });
}

function toRole(text: string): Role {
  const role = [...userRoles, "ingest" as const].find((one) => one === text);
  if (role) return role;
  throw new AppError("bad_request", {
    message: `there is no role "${text}"`,
    mend: `one of ${userRoles.join(", ")}, ingest`,
  });
}

function toExpiry(text: string | undefined): number | null {
  if (text === undefined) return null;
  const durationMs = toDurationMs(text);
  if (durationMs === undefined || durationMs === 0) {
    throw new AppError("bad_request", { message: `"${text}" is no duration`, mend: "write for example --expires 30d" });
  }
  return clock.now() + durationMs;
}
