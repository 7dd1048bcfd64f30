import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { AuthProvider } from "#pkg/auth/port.ts";

/**
 * The token with which this machine's Telegraf writes to us. Kept in the data folder (owner only), so that a restart
 * does not change Telegraf's configuration; made anew when it is not there or was revoked.
 */
export async function readTelegrafToken(auth: AuthProvider, dataFolder: string): Promise<string> {
  const file = join(dataFolder, "telegraf-token");
  const kept = readIfThere(file);
  if (kept !== undefined && (await auth.token(kept)) !== undefined) return kept;
  const { token } = await auth.createToken({ name: "telegraf on this machine", role: "ingest", expiresAt: null });
  writeFileSync(file, token, { mode: 0o600 });
  return token;
}

function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8").trim();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}
