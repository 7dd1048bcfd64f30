// Keeps a page true while one looks: events of the server and a slow beat replace `data-live` parts in place.
// A part that holds the focus or an open dialog waits; a list (`hold`) waits while the pointer is over it and says so.
import type { EventType } from "#pkg/contracts/events.ts";
import { word } from "./api.client.ts";

const beatMs = 5000;
const eventTypes = [
  "device.discovered",
  "device.accepted",
  "device.changed",
  "device.silent",
  "rollout.applied",
  "rollout.failed",
  "rollout.rolled_back",
  "rule.changed",
  "alert.opened",
  "alert.level_changed",
  "alert.acknowledged",
  "alert.closed",
  "notification.sent",
  "notification.failed",
  "health.changed",
  "config.changed",
] as const satisfies readonly EventType[];

const soon = gather(refresh, 1000);

/** Fetches this page once and replaces its live parts; the one that holds `cause`, a button just pressed, at once. */
export async function refresh(cause?: Element): Promise<void> {
  const source = document.getElementById("refresher");
  if (source === null) return;
  const ids = [...document.querySelectorAll<HTMLElement>("[data-live]")]
    .filter((part) => mayReplace(part, cause))
    .map((part) => `#${part.id}`);
  if (ids.length === 0) return;
  source.setAttribute("hx-select-oob", ids.join(","));
  // Somebody may have begun to type, or opened a dialog, while the page was fetched.
  const guard = (event: Event) => {
    const { detail, target } = event as CustomEvent<{ shouldSwap: boolean }>; // htmx's own
    if (target instanceof HTMLElement && !mayReplace(target, cause)) detail.shouldSwap = false;
  };
  document.addEventListener("htmx:oobBeforeSwap", guard);
  try {
    await htmx.ajax("GET", location.pathname + location.search, { source, swap: "none" });
  } finally {
    document.removeEventListener("htmx:oobBeforeSwap", guard);
  }
}

function mayReplace(part: HTMLElement, cause: Element | undefined): boolean {
  const active = document.activeElement;
  const typing =
    active !== null && active !== document.body && part.contains(active) && active.matches("input,select,textarea");
  if (cause !== undefined && part.contains(cause)) return !typing;
  const open = part.querySelector("dialog[open],.dropdown-menu.show,details[open]") !== null;
  const pointed = part.dataset["live"] === "hold" && part.matches(":hover");
  return !typing && !open && !pointed;
}

/** Events come in bursts; one call serves all that come within `waitMs`. */
function gather(work: () => Promise<void>, waitMs: number): () => void {
  const pending = new Set<() => Promise<void>>();
  return () => {
    if (pending.has(work)) return;
    pending.add(work);
    setTimeout(() => {
      pending.delete(work);
      void work();
    }, waitMs);
  };
}

/** Counts at the top of the list under the pointer what will come in once it leaves. */
function tellWaiting(): void {
  const list = document.querySelector<HTMLElement>('[data-live="hold"]:hover');
  if (list === null) return;
  const note = list.querySelector<HTMLButtonElement>(".live-waiting") ?? waitingNote(list);
  const count = Number(note.dataset["count"] ?? 0) + 1;
  note.dataset["count"] = String(count);
  note.textContent = word("waiting").replace("{n}", String(count));
}

function waitingNote(list: HTMLElement): HTMLButtonElement {
  const note = document.createElement("button");
  note.type = "button";
  note.className = "live-waiting";
  note.addEventListener("click", () => {
    list.dataset["live"] = "values"; // the new one that comes holds again
    void refresh();
  });
  list.prepend(note);
  return note;
}

function listen(): void {
  const source = new EventSource("/api/v1/events");
  const banner = document.getElementById("connection");
  source.onopen = () => {
    if (banner !== null && !banner.hidden) soon();
    if (banner !== null) banner.hidden = true;
  };
  source.onerror = () => {
    if (banner !== null) banner.hidden = false;
    if (source.readyState !== EventSource.CLOSED) return;
    source.close();
    setTimeout(listen, beatMs);
  };
  for (const type of eventTypes) {
    source.addEventListener(type, () => {
      if (type === "alert.opened") tellWaiting();
      document.dispatchEvent(new CustomEvent("domain-event", { detail: { type } }));
      soon();
    });
  }
  addEventListener("pagehide", () => source.close(), { once: true });
}

if (document.getElementById("refresher") !== null) {
  listen();
  setInterval(() => {
    if (document.visibilityState === "visible") void refresh();
  }, beatMs);
  document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && soon());
}
