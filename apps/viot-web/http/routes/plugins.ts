import { Type } from "typebox";
import type { ListedPlugin, PluginSet } from "#internal/plugins/contract.ts";
import type { Server } from "../server.ts";

const example = {
  kind: "notifier",
  id: "teams",
  version: "1.2.0",
  source: "/opt/detectviz/plugins/teams",
  state: "enabled",
  reason: null,
  since: "2026-01-01T00:00:00.000Z",
};
const plugin = Type.Object(
  {
    kind: Type.String({ description: 'notifier or scanner; "unknown" for a folder whose manifest cannot be read.' }),
    id: Type.String(),
    version: Type.Union([Type.String(), Type.Null()], { description: "Null for built-in ones." }),
    source: Type.String({ description: 'Its folder, or "built-in".' }),
    state: Type.Union([Type.Literal("enabled"), Type.Literal("disabled"), Type.Literal("off")], {
      description: '"disabled" by a person, "off" because it failed.',
    }),
    reason: Type.Union([Type.String(), Type.Null()], {
      description: "Why it is off, or why a newer version in its folder is not used.",
    }),
    since: Type.String({ description: "Since when it is as it is, RFC 3339, UTC." }),
  },
  { description: "A plugin.", examples: [example] },
);
const params = Type.Object({
  kind: Type.String({ description: "notifier or scanner.", maxLength: 50, examples: ["notifier"] }),
  id: Type.String({ description: "The plugin's id.", maxLength: 100, examples: ["teams"] }),
});

/** Which plugins there are, whether they work, and a hand on them. */
export function pluginRoutes(app: Server, { plugins }: { plugins: Pick<PluginSet, "list" | "setEnabled"> }): void {
  const tags = ["plugins"];
  const list = Type.Object(
    { items: Type.Array(plugin), next: Type.Null() },
    { examples: [{ items: [example], next: null }] },
  );
  app.get(
    "/api/v1/plugins",
    { config: { access: "viewer" }, schema: { summary: "All plugins", tags, response: { 200: list } } },
    async () => ({ items: plugins.list().map(toJson), next: null }),
  );
  const actions = [
    ["enable", true, "Let a plugin work, remembered over a restart; one that failed is tried again"],
    ["disable", false, "Let a plugin rest, remembered over a restart; one whose folder is gone is forgotten"],
  ] as const;
  for (const [action, isEnabled, summary] of actions) {
    app.post(
      `/api/v1/plugins/:kind/:id/${action}`,
      { config: { access: "admin" }, schema: { summary, tags, params, response: { 200: plugin } } },
      async ({ params: { kind, id }, principal }) =>
        toJson(await plugins.setEnabled(kind, id, isEnabled, principal.name)),
    );
  }
}

function toJson({ since, ...report }: ListedPlugin) {
  return { ...report, since: new Date(since).toISOString() };
}
