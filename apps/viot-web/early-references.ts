import type { LoadedConfig } from "#pkg/config/load.ts";
import { AppError } from "#pkg/errors/errors.ts";
import { toSecretReference } from "#pkg/secret/port.ts";
import { findReferences } from "#pkg/secret/references.ts";

/** Throws `AppError("config")` on a reference in what is needed before secrets can be opened, or in a rule. */
export function refuseEarlyReferences({ value, locate }: LoadedConfig<unknown>): void {
  for (const { path, name } of findReferences(value)) {
    const [section, key] = path;
    const isEarly = (section === "telemetry" && key === "log_level") || (section === "storage" && key === "sql");
    if (!isEarly && section !== "rules") continue;
    throw new AppError("config", {
      at: locate(path),
      message: isEarly
        ? `${toSecretReference(name)} cannot stand here: this is read before the secrets can be opened`
        : "a rule holds no secrets",
      mend: `give the value here, or by the environment: DETECTVIZ__${path.join("__").toUpperCase()}`,
    });
  }
}
