// Runs before the first paint: the theme "system" follows the machine, also while one looks.
// A classic script, not a module, so that no page flashes in the wrong colours.
(() => {
  const root = document.documentElement;
  if (root.dataset["theme"] !== "system") return;
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const apply = () => root.setAttribute("data-bs-theme", dark.matches ? "dark" : "light");
  dark.addEventListener("change", apply);
  apply();
})();
