import type { UserRole } from "#pkg/auth/port.ts";
import type { Html } from "#pkg/html/html.ts";
import type { Ui } from "./components/ui.ts";
import type { PageServices } from "./services.ts";

/** One request for a page, after log-in. */
export interface PageRequest {
  /** Path with query, as the browser shows it. */
  url: string;
  /** Places of the route, for example `{ id }`. */
  params: Readonly<Record<string, string | undefined>>;
  query: Readonly<Record<string, string | undefined>>;
  user: { name: string; role: UserRole };
  /** Whether the user's role includes this one. */
  may(role: UserRole): boolean;
  /** UTC ms. */
  now: number;
}

/** A page: what it shows and how. `load` answers null when what was asked for does not exist. */
export interface Page {
  render(request: PageRequest, services: PageServices, ui: Ui): Promise<Html | null>;
}

/** Ties a page's data to its view, so that the two fit by type. */
export function definePage<T>(parts: {
  data: (request: PageRequest, services: PageServices) => Promise<T | null>;
  view: (data: T, ui: Ui) => Html;
}): Page {
  return {
    async render(request, services, ui) {
      const data = await parts.data(request, services);
      return data === null ? null : parts.view(data, ui);
    },
  };
}
