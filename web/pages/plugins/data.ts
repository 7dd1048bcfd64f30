import type { ListedPlugin } from "#internal/plugins/contract.ts";
import { type Part, part } from "../../components/part.ts";
import type { PageRequest } from "../../page.ts";
import type { PageServices } from "../../services.ts";

export interface PluginRow extends ListedPlugin {
  /** Whether it ships with Detectviz, lies in its folder, or has lost it. */
  from: "builtIn" | "folder" | "gone";
  /** What a person may do with it now. */
  actions: readonly ("enable" | "retry" | "disable" | "forget")[];
}

export interface PluginsData {
  plugins: Part<readonly PluginRow[]>;
  folders: Part<{ folders: readonly string[]; configFile: string }>;
}

const rank = { off: 0, disabled: 1, enabled: 2 } as const;

/** What works, what does not and why: the ones in trouble first, then those of the site's own folders. */
export async function pluginsData(request: PageRequest, services: PageServices): Promise<PluginsData> {
  const mayAct = request.may("admin");
  const [plugins, folders] = await Promise.all([
    part(() =>
      services.plugins
        .list()
        .map((plugin) => toRow(plugin, mayAct))
        .sort(byNeed),
    ),
    part(() => {
      const { pluginFolders, configFile } = services.site();
      return { folders: pluginFolders, configFile };
    }),
  ]);
  return { plugins, folders };
}

function toRow(plugin: ListedPlugin, mayAct: boolean): PluginRow {
  const from = plugin.source === "built-in" ? "builtIn" : plugin.source === "gone" ? "gone" : "folder";
  return { ...plugin, from, actions: mayAct ? actionsOf(plugin, from) : [] };
}

function actionsOf({ kind, state }: ListedPlugin, from: PluginRow["from"]): PluginRow["actions"] {
  if (kind === "unknown") return []; // nobody knows what it is: its folder has to be mended
  if (from === "gone") return ["forget"];
  if (state === "disabled") return ["enable"];
  return state === "off" ? ["retry", "disable"] : ["disable"];
}

function byNeed(a: PluginRow, b: PluginRow): number {
  return (
    Number(a.reason === null) - Number(b.reason === null) ||
    rank[a.state] - rank[b.state] ||
    Number(a.from === "builtIn") - Number(b.from === "builtIn") ||
    a.kind.localeCompare(b.kind) ||
    a.id.localeCompare(b.id)
  );
}
