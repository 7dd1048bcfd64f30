import formbody from "@fastify/formbody";
import type { AuthProvider } from "#pkg/auth/port.ts";
import type { Clock } from "#pkg/clock/port.ts";
import { AppError } from "#pkg/errors/errors.ts";
import type { Logger } from "#pkg/logger/port.ts";
import type { PageServices } from "#web/services.ts";
import type { Server } from "../server.ts";
import { accountRoutes } from "./account.ts";
import { openAssetFiles } from "./asset-files.ts";
import { assetRoutes } from "./assets.ts";
import { chartRoute } from "./chart-route.ts";
import { readSiteMap } from "./menu.ts";
import { pageProblems } from "./page-problems.ts";
import { pageRoutes } from "./page-routes.ts";
import { preferenceRoutes } from "./preferences.ts";
import { registerSecurityHeaders } from "./security-headers.ts";
import type { ViewContextDeps } from "./view-context.ts";
import { readWords } from "./words.ts";

export interface PagesDeps {
  /** The checkout: `web/`, `conf/pages.yaml` and `node_modules/` are under it. */
  root: string;
  services: PageServices;
  auth: Pick<AuthProvider, "login" | "logout">;
  clock: Clock;
  log: Logger;
}

/**
 * Everything that people see: log-in, pages, files for the browser, security headers for every answer.
 * Call after `registerAuth`. Throws `AppError("config")` when `conf/pages.yaml`, a page's configuration or its words are wrong.
 */
export function registerPages(app: Server, { root, services, auth, clock, log }: PagesDeps): void {
  const siteMap = readSiteMap(root);
  const words = readWords(
    root,
    siteMap.pages.map((page) => page.name),
  );
  const files = openAssetFiles(root);
  const context: ViewContextDeps = { files, words, timeZone: () => timeZoneOf(services), now: () => clock.now() };
  registerSecurityHeaders(app);
  app.register(async (scope: Server) => {
    await scope.register(formbody);
    pageProblems(scope, { context, log });
    assetRoutes(scope, files);
    accountRoutes(scope, { auth, context, siteName: () => siteName(services) });
    preferenceRoutes(scope);
    chartRoute(scope, { services, clock });
    pageRoutes(scope, { siteMap, services, context });
  });
}

/** Pages must still come when the configuration cannot be asked: then in the machine's own zone. */
function timeZoneOf(services: PageServices): string {
  return factsOf(services)?.timeZone ?? Intl.DateTimeFormat().resolvedOptions().timeZone;
}

function siteName(services: PageServices): string {
  return factsOf(services)?.name ?? "Detectviz";
}

function factsOf(services: PageServices) {
  try {
    return services.site();
  } catch (error) {
    if (error instanceof AppError) return undefined; // the page's own parts say what is wrong
    throw error;
  }
}
