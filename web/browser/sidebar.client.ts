// The button of the side bar: hides it on a desk, slides it in on a phone. The classes are AdminLTE's.
const wide = matchMedia("(min-width: 992px)");

document.querySelector("[data-sidebar-toggle]")?.addEventListener("click", () => {
  document.body.classList.toggle(wide.matches ? "sidebar-collapse" : "sidebar-open");
});

document.addEventListener("click", (event) => {
  const inside = event.target instanceof Element && event.target.closest(".app-sidebar,[data-sidebar-toggle]") !== null;
  if (!inside) document.body.classList.remove("sidebar-open");
});

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") document.body.classList.remove("sidebar-open");
});
