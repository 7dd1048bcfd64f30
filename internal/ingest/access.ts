import { isIP } from "node:net";
import type { IngestConfig } from "./config.ts";

/** What is looked at of a request that carries no token. */
export interface TokenlessRequest {
  remoteAddress: string | undefined;
  headers: Readonly<Record<string, string | string[] | undefined>>;
}

/** Only a browser, or a proxy that speaks for somebody else, sends these. */
const foreignHeaders = ["origin", "sec-fetch-site", "forwarded", "x-forwarded-for", "x-real-ip"];

/**
 * Whether samples are taken without a token: with `auth = "none"`, from loopback, and neither from a page in a browser
 * of this machine nor through a proxy on it.
 */
export function isOpenToIngest(auth: IngestConfig["auth"], request: TokenlessRequest): boolean {
  if (auth !== "none" || !isLoopback(request.remoteAddress ?? "")) return false;
  return foreignHeaders.every((name) => request.headers[name] === undefined);
}

/** Whether an address is this machine itself. */
export function isLoopback(address: string): boolean {
  const bare = address.replace(/^::ffff:/i, "");
  return bare === "::1" || (isIP(bare) === 4 && bare.startsWith("127."));
}
