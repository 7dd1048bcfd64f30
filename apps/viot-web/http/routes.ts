import { isOpenToIngest } from "#internal/ingest/access.ts";
import type { IngestConfig } from "#internal/ingest/config.ts";
import { registerAuth } from "./auth-hook.ts";
import { registerIdempotency } from "./idempotency.ts";
import type { LocalSocket } from "./local-socket.ts";
import { registerOpenApi } from "./openapi.ts";
import { type PagesDeps, registerPages } from "./pages/pages.ts";
import { registerProblems } from "./problems.ts";
import { alertRoutes } from "./routes/alerts.ts";
import { auditRoutes } from "./routes/audit.ts";
import { authRoutes } from "./routes/auth.ts";
import { backupRoutes } from "./routes/backups.ts";
import { configRoutes } from "./routes/config.ts";
import { contactRoutes } from "./routes/contacts.ts";
import { dataRoutes } from "./routes/data.ts";
import { deviceRoutes } from "./routes/devices.ts";
import { eventGroupRoutes } from "./routes/event-groups.ts";
import { eventRoutes } from "./routes/events.ts";
import { healthRoutes } from "./routes/health.ts";
import { ingestRoutes } from "./routes/ingest.ts";
import { jobRoutes } from "./routes/jobs.ts";
import { metricsRoutes } from "./routes/metrics.ts";
import { notificationRoutes } from "./routes/notifications.ts";
import { pluginRoutes } from "./routes/plugins.ts";
import { rolloutRoutes } from "./routes/rollouts.ts";
import { ruleRoutes } from "./routes/rules.ts";
import { scanRoutes } from "./routes/scans.ts";
import { secretRoutes } from "./routes/secrets.ts";
import { seriesDeletionRoutes } from "./routes/series-deletion.ts";
import { silenceRoutes } from "./routes/silences.ts";
import { telemetryRoutes } from "./routes/telemetry.ts";
import { unitRoutes } from "./routes/units.ts";
import { userRoutes } from "./routes/users.ts";
import type { Server } from "./server.ts";
import { registerTracing } from "./tracing.ts";

/** Everything that any route or page asks. */
export type RouteDeps = PagesDeps &
  Parameters<typeof alertRoutes>[1] &
  Parameters<typeof auditRoutes>[1] &
  Parameters<typeof authRoutes>[1] &
  Parameters<typeof backupRoutes>[1] &
  Parameters<typeof configRoutes>[1] &
  Parameters<typeof contactRoutes>[1] &
  Parameters<typeof dataRoutes>[1] &
  Parameters<typeof deviceRoutes>[1] &
  Parameters<typeof eventRoutes>[1] &
  Parameters<typeof eventGroupRoutes>[1] &
  Parameters<typeof healthRoutes>[1] &
  Parameters<typeof ingestRoutes>[1] &
  Parameters<typeof jobRoutes>[1] &
  Parameters<typeof metricsRoutes>[1] &
  Parameters<typeof notificationRoutes>[1] &
  Parameters<typeof pluginRoutes>[1] &
  Parameters<typeof rolloutRoutes>[1] &
  Parameters<typeof ruleRoutes>[1] &
  Parameters<typeof scanRoutes>[1] &
  Parameters<typeof secretRoutes>[1] &
  Parameters<typeof seriesDeletionRoutes>[1] &
  Parameters<typeof silenceRoutes>[1] &
  Parameters<typeof telemetryRoutes>[1] &
  Parameters<typeof unitRoutes>[1] & {
    ingestConfig(): IngestConfig;
    socket: Pick<LocalSocket, "isLocal">;
    version: string;
  };

/** All that the node answers over HTTP, in one place: what holds for every route first, then the routes, then pages. */
export async function registerRoutes(app: Server, deps: RouteDeps): Promise<void> {
  registerTracing(app, deps.telemetry);
  registerProblems(app, deps);
  await registerOpenApi(app, deps.version);
  registerAuth(app, {
    auth: deps.auth,
    isLocal: deps.socket.isLocal,
    ingestOpenFor: (request) =>
      isOpenToIngest(deps.ingestConfig().auth, { remoteAddress: request.ip, headers: request.headers }),
  });
  registerIdempotency(app, deps);
  for (const register of [
    alertRoutes,
    auditRoutes,
    authRoutes,
    backupRoutes,
    configRoutes,
    contactRoutes,
    dataRoutes,
    deviceRoutes,
    eventRoutes,
    eventGroupRoutes,
    healthRoutes,
    ingestRoutes,
    jobRoutes,
    metricsRoutes,
    notificationRoutes,
    pluginRoutes,
    rolloutRoutes,
    ruleRoutes,
    scanRoutes,
    secretRoutes,
    seriesDeletionRoutes,
    silenceRoutes,
    telemetryRoutes,
    unitRoutes,
    userRoutes,
  ]) {
    register(app, deps);
  }
  registerPages(app, deps);
}
