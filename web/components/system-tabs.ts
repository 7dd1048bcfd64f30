import type { Html } from "#pkg/html/html.ts";
import { tabBar } from "./tab-bar.ts";
import type { Ui } from "./ui.ts";

const addresses = {
  health: "/system",
  jobs: "/system/jobs",
  events: "/system/events",
  stores: "/system/stores",
  plugins: "/system/plugins",
} as const;

export type SystemTab = keyof typeof addresses;

/** The pages about Detectviz itself, side by side. */
export function systemTabs(ui: Ui, active: SystemTab): Html {
  const entries = Object.entries(addresses).map(([tab, href]) => ({
    label: ui.t(`system.${tab}`),
    href,
    active: tab === active,
  }));
  return tabBar(ui.t("system.title"), entries);
}
