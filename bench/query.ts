import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Addresses of the five queries of the shared `query.py` at a node of ours, by their names. */
export interface QueryPaths {
  last_all: string;
  last_power: string;
  range_1h: string;
  room_power: string;
  room_all: string;
}

/** Writes `paths.json` beside the data set, as `query.py --paths` wants it; returns where it stands. */
export function writeQueryPaths(dataSet: string): string {
  const path = join(dataSet, "paths.json");
  writeFileSync(path, JSON.stringify(toQueryPaths(dataSet)));
  return path;
}

function toQueryPaths(dataSet: string): QueryPaths {
  // gen_site10k.js writes it.
  const { t0, t1, scrapes } = JSON.parse(readFileSync(join(dataSet, "meta.json"), "utf8")) as Record<string, number>;
  if (t0 === undefined || t1 === undefined || scrapes === undefined) throw new Error("meta.json lacks its times");
  const end = t0 + scrapes * 10;
  const instant = (query: string) => `/api/v1/query?time=${t1}&query=${encodeURIComponent(query)}`;
  const range = `start=${t0 + 60}&end=${end}&step=60s`;
  const every = encodeURIComponent('{__name__=~"pdu_.+"}');
  const one = encodeURIComponent(`pdu_power{name="${nameOfOne(dataSet)}"}`);
  return {
    last_all: instant('last_over_time({__name__=~"pdu_.+"}[10m])'),
    last_power: instant("last_over_time(pdu_power[10m])"),
    range_1h: `/api/v1/query_range?start=${t1 - 3590}&end=${t1}&step=10s&query=${one}`,
    room_power: `/api/v1/query_range?${range}&query=${encodeURIComponent("avg by (room) (avg_over_time(pdu_power[1m]))")}`,
    room_all: `/api/v1/aggregate?${range}&match=${every}&by=__name__,room&fn=mean`,
  };
}

/** Name of the PDU that `query.py` asks the peers about. */
function nameOfOne(dataSet: string): string {
  const [first = ""] = readdirSync(dataSet)
    .filter((file) => file.endsWith(".lp"))
    .sort();
  const line = readFileSync(join(dataSet, first), "utf8")
    .split("\n")
    .find((text) => text.includes(",ip=198.18.1.123,"));
  return /,name=([^, ]+)/.exec(line ?? "")?.[1] ?? "F1P1-DC1-R05-K12-A122";
}
