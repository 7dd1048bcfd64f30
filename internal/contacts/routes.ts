import { AppError } from "#pkg/errors/errors.ts";
import type { ContactSpec, RouteSpec } from "./contract.ts";
import { formatMatcher } from "./matchers.ts";

/** A route that was given no name is called by what it does. */
export function nameOfRoute({ matchers, contacts, groups }: Omit<RouteSpec, "name">): string {
  const which = matchers.map(formatMatcher).join(", ") || "everything";
  return `${which} → ${[...contacts, ...groups].join(", ") || "everyone"}`.slice(0, 500);
}

/** A route to a name that nobody has would tell nobody. Throws `AppError("unprocessable")`. */
export function checkRoute(route: RouteSpec, contacts: readonly Pick<ContactSpec, "name" | "groups">[]): void {
  const names = new Set(contacts.map((contact) => contact.name));
  const groups = new Set(contacts.flatMap((contact) => contact.groups));
  const missing = [
    ...route.contacts.filter((name) => !names.has(name)).map((name) => `contact "${name}"`),
    ...route.groups.filter((name) => !groups.has(name)).map((name) => `group "${name}"`),
  ];
  if (missing.length === 0) return;
  throw new AppError("unprocessable", {
    at: `route "${route.name}"`,
    message: `there is no ${missing.join(", no ")}`,
    mend: "make the contact first, or correct the name",
  });
}
