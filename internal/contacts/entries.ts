import { checkConfig } from "#pkg/config/check.ts";
import { AppError } from "#pkg/errors/errors.ts";
import { type ContactEntry, contactsConfig, type RouteEntry, routesConfig } from "./config.ts";
import type { Channel, Contact, ContactSpec, Route, RouteSpec } from "./contract.ts";
import { formatMatcher, parseMatchers } from "./matchers.ts";
import { nameOfRoute } from "./routes.ts";

/** Tells where a path of keys stands (`file:line`), as `loadConfig` gives it. */
type Locate = (path: readonly (string | number)[]) => string;

/** Reads `[[contacts]]`. Throws `AppError("config")` with file, line and the mend. */
export function parseContactsSection(value: unknown, locate: Locate): (ContactSpec & { source: string })[] {
  const entries = checkConfig(contactsConfig, value, (path) => locate(["contacts", ...path]));
  return entries.map((entry, index) => ({ ...toContactSpec(entry), source: locate(["contacts", index]) }));
}

/** Reads `[[routes]]`. Throws `AppError("config")` with file, line and the mend. */
export function parseRoutesSection(value: unknown, locate: Locate): (RouteSpec & { source: string })[] {
  const entries = checkConfig(routesConfig, value, (path) => locate(["routes", ...path]));
  return entries.map((entry, index) => {
    const source = locate(["routes", index]);
    try {
      return { ...toRouteSpec(entry), source };
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      const { detail, mend = "correct it", at = "" } = error;
      throw new AppError("config", { at: locate(["routes", index, "matchers"]), message: `${at} ${detail}`, mend });
    }
  });
}

/** The settings of a channel's notifier stand beside `type` in what people write, and apart in the record. */
export function toContactSpec({ email, channels, ...entry }: ContactEntry): ContactSpec {
  return { ...entry, email: email ?? null, channels: channels.map(toChannel) };
}

function toChannel({ type, minimum_level: minimumLevel, ...settings }: ContactEntry["channels"][number]): Channel {
  return { type, ...(minimumLevel === undefined ? {} : { minimumLevel }), settings };
}

/** Throws `AppError("unprocessable")` on a matcher that is none. */
export function toRouteSpec({ name, matchers, ...entry }: RouteEntry): RouteSpec {
  const spec = { ...entry, matchers: parseMatchers(matchers) };
  return { ...spec, name: name ?? nameOfRoute(spec) };
}

/** The contact as REST shows it. Conceal its secrets first. */
export function toContactJson({ channels, createdAt, updatedAt, ...contact }: Contact) {
  return {
    ...contact,
    groups: [...contact.groups],
    channels: channels.map(({ type, minimumLevel, settings }) => ({
      ...settings,
      type,
      ...(minimumLevel === undefined ? {} : { minimum_level: minimumLevel }),
    })),
    created_at: new Date(createdAt).toISOString(),
    updated_at: new Date(updatedAt).toISOString(),
  };
}

/** The route as REST shows it. */
export function toRouteJson({ matchers, ...route }: Route) {
  return { ...route, contacts: [...route.contacts], groups: [...route.groups], matchers: matchers.map(formatMatcher) };
}
