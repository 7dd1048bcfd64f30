import type { Clock } from "#pkg/clock/port.ts";
import { AppError } from "#pkg/errors/errors.ts";
import { chartData } from "#web/chart-data.ts";
import type { PageServices } from "#web/services.ts";
import type { Server } from "../server.ts";

const longestMs = 31 * 24 * 3600 * 1000;

/** The data of a chart on a page: raw samples with the thresholds and alarms that belong to them. */
export function chartRoute(app: Server, { services, clock }: { services: PageServices; clock: Clock }): void {
  app.get<{ Querystring: { device?: string; metric?: string; range?: string } }>(
    "/chart",
    { config: { access: "viewer" }, schema: { hide: true } },
    async (request) => {
      const { device = "", metric = "", range = "" } = request.query;
      const rangeMs = Number(range);
      if (!/^[a-zA-Z_:][a-zA-Z0-9_:]*$/.test(metric))
        throw new AppError("bad_request", { at: "metric", message: "is not the name of a metric" });
      if (!(rangeMs > 0 && rangeMs <= longestMs))
        throw new AppError("bad_request", { at: "range", message: "is not a length of time up to 31 days, in ms" });
      const toMs = clock.now();
      const data = await chartData(services, { deviceId: device, metric, fromMs: toMs - rangeMs, toMs });
      if (data === null) throw new AppError("not_found", { at: device, message: "there is no such device" });
      return data;
    },
  );
}
