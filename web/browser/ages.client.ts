// Ages grow while one looks, so that a lost connection does not look fresh.
import { formatAge } from "../../pkg/i18n/age.ts";

const served = Number(document.querySelector<HTMLMetaElement>('meta[name="now"]')?.content ?? Date.now());
const early = Date.now() - served;
/** How far this machine's clock is off; a moment's difference is the way from the server to here. */
const offMs = Math.abs(early) < 3000 ? 0 : early;

setInterval(() => {
  const now = Date.now() - offMs;
  for (const element of document.querySelectorAll<HTMLElement>("time[data-age]")) {
    const text = formatAge(now - Number(element.dataset["age"]), document.documentElement.lang);
    if (element.textContent !== text) element.textContent = text;
  }
}, 1000);
