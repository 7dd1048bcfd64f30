import { locales } from "#pkg/i18n/catalogue.ts";
import type { Server } from "../server.ts";
import { setCookie } from "../session-cookie.ts";
import { safeNext } from "./safe-next.ts";
import { localeCookie, themeCookie, themes } from "./view-context.ts";

const yearS = 365 * 24 * 3600;

/** Theme and language, kept in the browser; before log-in too. Unknown values are left as they were. */
export function preferenceRoutes(app: Server): void {
  app.post<{ Body: { theme?: string; locale?: string; next?: string } | undefined }>(
    "/preferences",
    { config: { access: "public" }, schema: { hide: true } },
    (request, reply) => {
      const { theme, locale, next } = request.body ?? {};
      if (themes.some((known) => known === theme))
        setCookie(request, reply, themeCookie, String(theme), { httpOnly: true, maxAge: yearS });
      if (locales.some((known) => known === locale))
        setCookie(request, reply, localeCookie, String(locale), { httpOnly: true, maxAge: yearS });
      return reply.redirect(safeNext(next), 303);
    },
  );
}
