import { AppError } from "#pkg/errors/errors.ts";
import type { MetricStores } from "#pkg/metricstores/stores.ts";
import type { ReadConfig } from "../config/config.ts";

/** Throws `AppError("config")` naming the place when the stores outside that the configuration names cannot be used. */
export async function checkStores(stores: Pick<MetricStores, "check">, { value, locate }: ReadConfig): Promise<void> {
  const { stores: wanted, history } = value.storage.metrics;
  const place = (path: readonly (string | number)[]) => locate(["storage", "metrics", ...path]);
  if (history !== "" && !wanted.some(({ name }) => name === history)) {
    throw new AppError("config", {
      at: place(["history"]),
      message: `there is no store "${history}"`,
      mend: "name one of [[storage.metrics.stores]]",
    });
  }
  await stores.check(wanted, (path) => place(["stores", ...path]));
}
