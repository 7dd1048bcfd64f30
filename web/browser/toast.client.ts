/** Says something in a corner; a refusal stays until it is closed, good news goes by itself. */
export function toast(text: string, kind: "done" | "refused" = "done"): void {
  const place = document.getElementById("toasts");
  if (place === null) return;
  const box = document.createElement("div");
  box.className = `toast-box toast-${kind}`;
  box.textContent = text;
  const close = document.createElement("button");
  close.type = "button";
  close.className = "btn-close";
  close.setAttribute("aria-label", "×");
  close.addEventListener("click", () => box.remove());
  box.append(close);
  place.append(box);
  if (kind === "done") setTimeout(() => box.remove(), 5000);
}
