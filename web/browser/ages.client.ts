// Ages grow while one looks, so that a lost connection does not look fresh.
import { formatAge } from "../../pkg/i18n/age.ts";

setInterval(() => {
  const now = Date.now();
  for (const element of document.querySelectorAll<HTMLElement>("time[data-age]")) {
    const text = formatAge(now - Number(element.dataset["age"]), document.documentElement.lang);
    if (element.textContent !== text) element.textContent = text;
  }
}, 1000);
