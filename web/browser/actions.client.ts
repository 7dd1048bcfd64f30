// Buttons and forms that call the REST API. `data-api="POST /api/v1/…"` says what, `data-confirm` asks first,
// `data-then` leads on (a path, or "reload"). A refusal stands beside its field; nothing typed is lost.
import { ApiProblem, callApi, type FieldProblem, word } from "./api.client.ts";
import { toBody } from "./form-body.client.ts";
import { refresh } from "./live.client.ts";
import { toast } from "./toast.client.ts";

document.addEventListener("click", (event) => {
  const target = event.target instanceof Element ? event.target : null;
  const opener = target?.closest<HTMLElement>("[data-dialog]");
  if (opener) openDialog(opener.dataset["dialog"] ?? "");
  if (target?.closest("[data-close]")) target.closest("dialog")?.close();
  const button = target?.closest<HTMLElement>("button[data-api]");
  if (button) void act(button, undefined);
});

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!(form instanceof HTMLFormElement) || form.dataset["api"] === undefined) return;
  event.preventDefault();
  clearRefusals(form);
  const body = toBody(form);
  // a page's own module may shape the body before it goes out
  form.dispatchEvent(new CustomEvent("api-body", { bubbles: true, detail: body }));
  void act(form, body);
});

function openDialog(id: string): void {
  const dialog = document.getElementById(id);
  if (dialog instanceof HTMLDialogElement) dialog.showModal();
}

async function act(element: HTMLElement, body: unknown): Promise<void> {
  const [method = "POST", path = ""] = (element.dataset["api"] ?? "").split(" ");
  const question = element.dataset["confirm"];
  if (question !== undefined && !confirm(question)) return;
  const focused = element.contains(document.activeElement) ? (document.activeElement?.id ?? "") : "";
  setBusy(element, true);
  try {
    await succeed(element, await callApi(method, path, body));
  } catch (error) {
    refuse(element, error instanceof ApiProblem ? error : new ApiProblem(0, String(error), []));
  } finally {
    setBusy(element, false);
    if (focused !== "") keepFocus(focused);
  }
}

/** A button that was disabled or replaced meanwhile has lost the focus; its successor, or the page, gets it. */
function keepFocus(id: string): void {
  if (document.activeElement !== null && document.activeElement !== document.body) return;
  const place = document.getElementById(id) ?? document.getElementById("main");
  place?.focus({ preventScroll: true });
}

async function succeed(element: HTMLElement, answer: unknown): Promise<void> {
  element.dispatchEvent(new CustomEvent("api-done", { bubbles: true, detail: answer }));
  const { then = "refresh", show, quiet } = element.dataset;
  if (then === "reload") location.reload();
  else if (then !== "refresh") location.assign(fill(then, answer));
  else if (show !== undefined) reveal(element, show, answer);
  else {
    if (quiet === undefined) toast(word("done"));
    element.closest("dialog")?.close();
    await refresh(element);
  }
}

/** Shows one value of the answer in the form itself: for what is told only once. */
function reveal(element: HTMLElement, name: string, answer: unknown): void {
  const place = element.querySelector<HTMLElement>("[data-shown]");
  if (place === null || typeof answer !== "object" || answer === null) return;
  place.textContent = String((answer as Record<string, unknown>)[name] ?? ""); // an object, as seen above
  place.hidden = false;
}

/** `/scan/{id}` with the id of what was made. */
function fill(path: string, answer: unknown): string {
  const id = typeof answer === "object" && answer !== null && "id" in answer ? String(answer.id) : "";
  return path.replace("{id}", encodeURIComponent(id));
}

function refuse(element: HTMLElement, problem: ApiProblem): void {
  const homeless = problem.fields.filter((field) => !placeBeside(element, field));
  const words = problem.fields.length > 0 && homeless.length === 0 ? "" : problem.message;
  const text = [words, ...homeless.map((field) => `${field.pointer}: ${field.detail}`)].filter(Boolean).join("\n");
  const place = element.querySelector<HTMLElement>("[data-refusal]");
  if (place !== null) {
    place.textContent = text;
    place.hidden = text === "";
  } else if (text !== "") toast(text, "refused");
}

/** Puts the words under the field that the pointer names; false when the form has no such field. */
function placeBeside(form: HTMLElement, { pointer, detail }: FieldProblem): boolean {
  const name = pointer.replace(/^\//, "").replaceAll("/", ".");
  const named = [...form.querySelectorAll<HTMLInputElement>("[name]")];
  const input = named.find((field) => field.name === name || name.startsWith(`${field.name}.`));
  if (input === undefined) return false;
  input.setAttribute("aria-invalid", "true");
  input.classList.add("is-invalid");
  const note = document.createElement("div");
  note.className = "invalid-feedback d-block";
  note.id = `refusal-${name}`;
  note.textContent = detail;
  input.setAttribute("aria-describedby", note.id);
  input.insertAdjacentElement("afterend", note);
  return true;
}

function clearRefusals(form: HTMLFormElement): void {
  for (const note of form.querySelectorAll(".invalid-feedback")) note.remove();
  for (const input of form.querySelectorAll(".is-invalid")) {
    input.classList.remove("is-invalid");
    input.removeAttribute("aria-invalid");
  }
}

function setBusy(element: HTMLElement, on: boolean): void {
  const buttons = element instanceof HTMLButtonElement ? [element] : [...element.querySelectorAll("button")];
  for (const button of buttons) button.disabled = on;
}
