// Keys of every page: "/" and Ctrl-K search, "g" and a digit go to a page of the menu, "?" lists them, Esc closes.
document.addEventListener("keydown", (event) => {
  const search = document.querySelector<HTMLInputElement>("#search");
  if (event.key === "k" && (event.ctrlKey || event.metaKey)) return take(event, () => search?.focus());
  if (event.key === "Escape") closeSearch();
  if (isTyping(event.target) || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "/") return take(event, () => search?.focus());
  if (event.key === "?") return take(event, openKeys);
  if (event.key === "g") document.addEventListener("keydown", goTo, { once: true, capture: true });
});

document.addEventListener("click", (event) => {
  if (!(event.target instanceof Element)) return;
  if (event.target.closest("[data-keys-open]")) openKeys();
  if (event.target.closest(".topsearch") === null) closeSearch();
});

document.querySelector(".topsearch")?.addEventListener("keydown", (event) => {
  if (!(event instanceof KeyboardEvent) || (event.key !== "ArrowDown" && event.key !== "ArrowUp")) return;
  const stops = [...document.querySelectorAll<HTMLElement>("#search, #search-results a")];
  const at = stops.indexOf(document.activeElement as HTMLElement); // one of the stops, or -1
  stops[at + (event.key === "ArrowDown" ? 1 : -1)]?.focus();
  event.preventDefault();
});

function openKeys(): void {
  const sheet = document.getElementById("keys");
  if (sheet instanceof HTMLDialogElement && !sheet.open) sheet.showModal();
}

function closeSearch(): void {
  document.getElementById("search-results")?.replaceChildren();
}

/** The key after "g". */
function goTo(event: KeyboardEvent): void {
  if (/^[1-9]$/.test(event.key))
    document.querySelectorAll<HTMLAnchorElement>(".sidebar-menu a")[Number(event.key) - 1]?.click();
}

function take(event: Event, act: () => void): void {
  event.preventDefault();
  act();
}

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || target.matches("input,select,textarea"));
}
