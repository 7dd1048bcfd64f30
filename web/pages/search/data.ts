import { type Part, part } from "../../components/part.ts";
import type { PageRequest } from "../../page.ts";
import type { PageServices } from "../../services.ts";

export interface SearchHit {
  kind: "device" | "rule" | "alert";
  label: string;
  detail: string;
  href: string;
}

export interface SearchData {
  q: string;
  hits: Part<readonly SearchHit[]>;
}

/** Devices, rules and open alarms whose name fits; a dozen at most. */
export async function searchData(request: PageRequest, services: PageServices): Promise<SearchData> {
  const q = (request.query["q"] ?? "").trim().slice(0, 100);
  return {
    q,
    hits: await part(async () =>
      q === ""
        ? []
        : (await Promise.all([devices(q, services), rules(q, services), alerts(q, services)])).flat().slice(0, 12),
    ),
  };
}

async function devices(search: string, services: PageServices): Promise<SearchHit[]> {
  const { items } = await services.inventory.list({ search, limit: 6 });
  return items.map(({ id, name, key, model }) => ({
    kind: "device",
    label: name,
    detail: [key, model].filter(Boolean).join(" · "),
    href: `/devices/${id}`,
  }));
}

async function rules(search: string, services: PageServices): Promise<SearchHit[]> {
  const wanted = search.toLowerCase();
  const fitting = (await services.rules.list()).filter((rule) =>
    `${rule.name} ${rule.condition}`.toLowerCase().includes(wanted),
  );
  return fitting
    .slice(0, 4)
    .map(({ id, name, condition }) => ({ kind: "rule", label: name, detail: condition, href: `/rules/${id}` }));
}

async function alerts(search: string, services: PageServices): Promise<SearchHit[]> {
  const { items } = await services.alerts.list({ scope: "open", search, limit: 4 });
  return items.map(({ id, ruleName, labels }) => ({
    kind: "alert",
    label: ruleName,
    detail: labels["name"] ?? labels["device"] ?? "",
    href: `/alerts/${id}`,
  }));
}
