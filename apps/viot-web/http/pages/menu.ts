import { readFileSync } from "node:fs";
import path from "node:path";
import { type Static, type TSchema, Type } from "typebox";
import { Value } from "typebox/value";
import { parse } from "yaml";
import { userRoles } from "#pkg/auth/port.ts";
import { AppError } from "#pkg/errors/errors.ts";
import { iconNames } from "#web/components/icons.ts";
import { pages } from "#web/pages/index.ts";

const role = Type.Union(userRoles.map((name) => Type.Literal(name)));

/** `conf/pages.yaml`: which pages there are, in the order of the side bar. */
const menuSchema = Type.Object(
  {
    home: Type.String({ description: "name of the page that / leads to" }),
    pages: Type.Array(
      Type.Object(
        {
          name: Type.String({ description: "folder under web/pages" }),
          menu: Type.Optional(Type.Boolean({ description: "whether it stands in the side bar", default: true })),
          role: Type.Optional(role),
        },
        { additionalProperties: false },
      ),
    ),
  },
  { additionalProperties: false },
);

/** `web/pages/<name>/config.yaml`: what belongs to the page itself. */
const pageSchema = Type.Object(
  {
    route: Type.String({ pattern: "^/", description: "where it is, as the router writes it" }),
    icon: Type.Union(iconNames.map((name) => Type.Literal(name))),
    role,
    section: Type.Optional(Type.String({ description: "page of the menu that is marked while one is here" })),
    scripts: Type.Optional(Type.Array(Type.String())),
    styles: Type.Optional(Type.Array(Type.String())),
  },
  { additionalProperties: false },
);

export type PageConfig = Static<typeof pageSchema> & { name: keyof typeof pages; menu: boolean };

export interface SiteMap {
  home: PageConfig;
  pages: readonly PageConfig[];
}

/** Reads `conf/pages.yaml` and the `config.yaml` of each page it names. Throws `AppError("config")` with file, key and mend. */
export function readSiteMap(root: string): SiteMap {
  const at = "conf/pages.yaml";
  const site = readChecked(root, at, menuSchema);
  const list = site.pages.map((entry): PageConfig => {
    if (!isPage(entry.name))
      throw refused(at, `there is no page "${entry.name}"`, `choose of: ${Object.keys(pages).join(", ")}`);
    const page = readChecked(root, `web/pages/${entry.name}/config.yaml`, pageSchema);
    return { ...page, role: entry.role ?? page.role, name: entry.name, menu: entry.menu ?? true };
  });
  const home = list.find((page) => page.name === site.home);
  if (home === undefined)
    throw refused(`${at}: home`, `"${site.home}" is not among the pages`, "name one that is listed under pages");
  return { home, pages: list };
}

function isPage(name: string): name is keyof typeof pages {
  return Object.hasOwn(pages, name);
}

function readChecked<S extends TSchema>(root: string, file: string, schema: S): Static<S> {
  const value: unknown = parse(readFileSync(path.join(root, file), "utf8"));
  const [error] = Value.Errors(schema, value);
  if (error !== undefined)
    throw refused(
      `${file}: ${error.instancePath || "/"}`,
      error.message,
      "see the schema in apps/viot-web/http/pages/menu.ts",
    );
  return value as Static<S>; // the schema found nothing wrong
}

function refused(at: string, message: string, mend: string): AppError {
  return new AppError("config", { at, message, mend });
}
