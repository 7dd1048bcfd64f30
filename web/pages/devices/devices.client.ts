// The list of devices: page by page from the API as one scrolls, chosen rows acted on in bulk.

import { formatAge } from "../../../pkg/i18n/age.ts";
import { callApi } from "../../browser/api.client.ts";
import { toast } from "../../browser/toast.client.ts";

interface Row {
  id: string;
  key: string;
  name: string;
  vendor: string | null;
  model: string | null;
  profile: string | null;
  tags: Record<string, string>;
  state: string;
  paused?: boolean;
  last_sample_at: string | null;
  problems: { detail: string }[];
}
type Words = Record<string, string> & { states: Record<string, string> };

const pageSize = 100;
const frame = document.getElementById("device-table");
if (frame !== null) start(frame);

function start(place: HTMLElement): void {
  const words = JSON.parse(place.dataset["words"] ?? "{}") as Words; // written by the page's view
  const cursors: (string | null)[] = [null];
  const table = new Tabulator(place, {
    height: "100%",
    layout: "fitColumns",
    responsiveLayout: matchMedia("(max-width: 575px)").matches ? false : "hide",
    placeholder: words["none"],
    columns: matchMedia("(max-width: 575px)").matches ? cardColumn(words) : columns(words),
    index: "id",
    selectableRows: true,
    selectableRowsRangeMode: "click",
    columnDefaults: { headerSort: false },
    columnHeaderVertAlign: "middle",
    persistence: false,
    progressiveLoad: "scroll",
    progressiveLoadScrollMargin: 600,
    ajaxURL: place.dataset["source"],
    ajaxRequestFunc: async (url: string, _config: unknown, params: { page: number }) => load(url, params.page, cursors),
    langs: { default: { data: { loading: words["loading"], error: words["failed"] } } },
  });
  // the holder scrolls, and its rows hold links: it needs no stop of its own among the keys
  table.on("tableBuilt", () => place.querySelector(".tabulator-tableholder")?.removeAttribute("tabindex"));
  table.on("rowSelectionChanged", () => updateTools(table));
  for (const button of document.querySelectorAll<HTMLButtonElement>("[data-bulk]"))
    button.addEventListener("click", () => void act(table, button));
}

/** Tabulator counts pages, the API hands out cursors: the cursor of each page is kept. */
async function load(
  url: string,
  page: number,
  cursors: (string | null)[],
): Promise<{ data: Row[]; last_page: number }> {
  const address = new URL(url, location.href);
  address.searchParams.set("limit", String(pageSize));
  const cursor = cursors[page - 1];
  if (cursor) address.searchParams.set("cursor", cursor);
  const answer = (await callApi("GET", address.pathname + address.search)) as { items: Row[]; next: string | null }; // surface.md: lists
  cursors[page] = answer.next;
  return { data: answer.items, last_page: answer.next === null ? page : page + 1 };
}

function columns(words: Words): Record<string, unknown>[] {
  return [
    {
      title: words["name"],
      field: "name",
      minWidth: 190,
      widthGrow: 2,
      responsive: 0,
      formatter: (cell: TabulatorCell) => nameLink(cell.getData() as Row),
    }, // rows are what `load` gave
    { title: words["key"], field: "key", minWidth: 165, responsive: 2, formatter: textOf },
    {
      title: words["model"],
      field: "model",
      minWidth: 150,
      responsive: 3,
      mutator: (_: unknown, row: Row) => [row.vendor, row.model].filter(Boolean).join(" ") || "–",
      formatter: textOf,
    },
    { title: words["profile"], field: "profile", minWidth: 110, responsive: 6, formatter: textOf },
    {
      title: words["place"],
      field: "tags",
      minWidth: 120,
      responsive: 4,
      mutator: (tags: Record<string, string>) => placeOf(tags),
      formatter: textOf,
    },
    {
      title: words["state"],
      field: "state",
      minWidth: 90,
      responsive: 0,
      formatter: (cell: TabulatorCell) => stateWord(cell.getData() as Row, words),
    },
    {
      title: words["lastSample"],
      field: "last_sample_at",
      minWidth: 135,
      responsive: 1,
      formatter: (cell: TabulatorCell) => ageOf(cell.getValue()),
    },
    {
      title: words["problem"],
      field: "problems",
      minWidth: 140,
      widthGrow: 2,
      responsive: 5,
      mutator: (list: Row["problems"]) => list.map((one) => one.detail).join("; "),
      formatter: textOf,
    },
  ];
}

/** On a phone each device is a card of two lines. */
function cardColumn(words: Words): Record<string, unknown>[] {
  return [
    {
      title: words["name"],
      field: "name",
      formatter: (cell: TabulatorCell) => {
        const row = cell.getData() as Row;
        const card = element("div", "device-card");
        const detail = element("span", "device-card-detail", [row.key, row.model].filter(Boolean).join(" · "));
        card.append(nameLink(row), stateWord(row, words), detail, ageOf(row.last_sample_at));
        return card;
      },
    },
  ];
}

function nameLink(row: Row): HTMLElement {
  const link = document.createElement("a");
  link.href = `/devices/${encodeURIComponent(row.id)}`;
  link.textContent = row.name;
  return link;
}

function stateWord(row: Row, words: Words): HTMLElement {
  const calm = row.state === "online" && row.paused !== true;
  const wrong = row.state === "silent" || row.state === "vanished";
  const word = row.paused === true ? words["paused"] : words.states[row.state];
  return element(
    "span",
    `state-word ${calm ? "state-normal" : wrong ? "state-warning" : "state-open"}`,
    word ?? row.state,
  );
}

function ageOf(value: unknown): HTMLElement {
  if (typeof value !== "string") return element("span", "", "–");
  const time = document.createElement("time");
  const at = Date.parse(value);
  time.dataset["age"] = String(at);
  time.textContent = formatAge(Date.now() - at, document.documentElement.lang);
  return time;
}

/** What a device says of itself is text, never markup. */
function textOf(cell: TabulatorCell): HTMLElement {
  return element("span", "device-text", String(cell.getValue() ?? "–"));
}

function placeOf(tags: Record<string, string>): string {
  const place = ["room", "rack", "side"].flatMap((key) => tags[key] ?? []);
  return place.join(" / ");
}

function element(name: string, className: string, text = ""): HTMLElement {
  const made = document.createElement(name);
  made.className = className;
  made.textContent = text;
  return made;
}

function updateTools(table: Tabulator): void {
  const count = table.getSelectedData().length;
  for (const button of document.querySelectorAll<HTMLButtonElement>("[data-bulk]")) button.disabled = count === 0;
  const note = document.getElementById("device-table-selected");
  if (note !== null) note.textContent = count === 0 ? "" : String(count);
}

async function act(table: Tabulator, button: HTMLButtonElement): Promise<void> {
  const rows = table.getSelectedData() as Row[];
  const question = button.dataset["bulkConfirm"];
  if (question !== undefined && !confirm(question.replace("{n}", String(rows.length)))) return;
  for (const row of rows) {
    try {
      await callApi("POST", `/api/v1/devices/${row.id}/${button.dataset["bulk"]}`);
    } catch (error) {
      toast(`${row.name}: ${error instanceof Error ? error.message : String(error)}`, "refused");
    }
  }
  await table.replaceData();
}
