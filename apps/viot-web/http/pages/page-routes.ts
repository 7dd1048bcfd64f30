import type { FastifyRequest } from "fastify";
import type { UserRole } from "#pkg/auth/port.ts";
import { userRoles } from "#pkg/auth/port.ts";
import { AppError } from "#pkg/errors/errors.ts";
import { part } from "#web/components/part.ts";
import type { Ui } from "#web/components/ui.ts";
import { type MenuEntry, type ShellData, shell } from "#web/layouts/shell.ts";
import type { PageRequest } from "#web/page.ts";
import { pages } from "#web/pages/index.ts";
import type { PageServices } from "#web/services.ts";
import { mayAccess } from "../auth-hook.ts";
import type { Server } from "../server.ts";
import type { PageConfig, SiteMap } from "./menu.ts";
import { toUi, type ViewContextDeps } from "./view-context.ts";

export interface PageRoutesDeps {
  siteMap: SiteMap;
  services: PageServices;
  context: ViewContextDeps;
}

/** Scripts of every page, libraries first. */
const commonScripts = [
  "lib/htmx.js",
  "lib/bootstrap.js",
  "web/browser/live.client.ts",
  "web/browser/actions.client.ts",
  "web/browser/ages.client.ts",
  "web/browser/keys.client.ts",
  "web/browser/sidebar.client.ts",
];

/** One route a page of the site map; `/` leads to its home. */
export function pageRoutes(app: Server, deps: PageRoutesDeps): void {
  app.get("/", { config: { access: "viewer", page: true } }, (_request, reply) =>
    reply.redirect(deps.siteMap.home.route),
  );
  for (const page of deps.siteMap.pages) {
    app.get(page.route, { config: { access: page.role, page: true } }, async (request, reply) => {
      const ui = toUi(request, page.name, deps.context);
      const content = await pages[page.name].render(toPageRequest(request, ui), deps.services, ui);
      if (content === null) throw new AppError("not_found", { message: `there is nothing at ${request.url}` });
      const markup = shell(ui, await toShell(request, ui, page, deps), content);
      return reply.type("text/html; charset=utf-8").header("cache-control", "no-store").send(String(markup));
    });
  }
}

function toPageRequest(request: FastifyRequest, ui: Ui): PageRequest {
  return {
    url: request.url,
    params: request.params as Record<string, string | undefined>, // no schema: what the route's own places caught
    query: singleValues(request.query),
    user: { name: request.principal.name, role: userRole(request) },
    may: (role) => mayAccess(request.principal.role, role),
    now: ui.now,
  };
}

/** `?a=1&a=2` gives an array: the last one counts. */
function singleValues(query: unknown): Record<string, string | undefined> {
  if (typeof query !== "object" || query === null) return {};
  return Object.fromEntries(
    Object.entries(query).map(([key, value]) => [key, String(Array.isArray(value) ? value.at(-1) : value)]),
  );
}

function userRole(request: FastifyRequest): UserRole {
  return userRoles.find((role) => role === request.principal.role) ?? "viewer";
}

async function toShell(request: FastifyRequest, ui: Ui, page: PageConfig, deps: PageRoutesDeps): Promise<ShellData> {
  const facts = await part(() => deps.services.site());
  return {
    title: ui.t("title"),
    siteName: facts.ok ? facts.data.name : "Detectviz",
    menu: deps.siteMap.pages
      .filter((entry) => entry.menu && mayAccess(request.principal.role, entry.role))
      .map((entry) => toMenu(entry, page, ui, deps)),
    user: {
      name: request.principal.name,
      role: userRole(request),
      mustChangePassword: request.session?.mustChangePassword === true,
    },
    csrf: request.principal.csrf ?? "",
    scripts: [...commonScripts, ...(page.scripts ?? [])],
    styles: page.styles ?? [],
    status: await part(async () => ({
      ...(await deps.services.alerts.counts()),
      newestMs: deps.services.ingest.stats().lastArrivalMs,
    })),
  };
}

function toMenu(entry: PageConfig, page: PageConfig, ui: Ui, deps: PageRoutesDeps): MenuEntry {
  return {
    href: entry.route,
    title: deps.context.words(entry.name, ui.locale)("title"),
    icon: entry.icon,
    active: entry.name === (page.section ?? page.name),
  };
}
