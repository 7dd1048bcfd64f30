// The form of a contact asks for an e-mail and a webhook; the API takes a list of channels.
// The answers of a test message are shown as the provider gave them.

document.addEventListener("api-body", (event) => {
  const form = event.target;
  if (!(form instanceof HTMLFormElement) || form.dataset["contact"] === undefined || !(event instanceof CustomEvent))
    return;
  const body = event.detail as Record<string, unknown>; // what `toBody` made of this form
  const { webhook } = body;
  delete body["webhook"];
  body["channels"] = [
    ...(body["email"] === undefined ? [] : [{ type: "email" }]),
    ...(webhook === undefined ? [] : [{ type: "webhook", url: webhook }]),
  ];
});

document.addEventListener("api-done", (event) => {
  if (
    !(event.target instanceof HTMLElement) ||
    event.target.dataset["test"] === undefined ||
    !(event instanceof CustomEvent)
  )
    return;
  const place = document.getElementById("test-answers");
  if (place === null) return;
  const { results } = event.detail as { results: TestAnswer[] }; // the route's promise
  place.replaceChildren(...results.map((answer) => toLine(answer, place)));
});

interface TestAnswer {
  channel: string;
  delivered: boolean;
  status: number | string;
  detail: string;
}

function toLine(answer: TestAnswer, place: HTMLElement): HTMLElement {
  const line = document.createElement("p");
  line.className = answer.delivered ? "answer answer-sent" : "answer answer-refused";
  const word = answer.delivered ? place.dataset["sent"] : place.dataset["refused"];
  line.textContent = `${answer.channel}: ${word ?? ""} — ${answer.status} ${answer.detail}`;
  return line;
}
