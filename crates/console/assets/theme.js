// Light or dark, as somebody has chosen on this browser; before the page is drawn.
(() => {
  try {
    const chosen = localStorage.getItem("placet-theme");
    if (chosen === "light" || chosen === "dark") document.documentElement.dataset.theme = chosen;
  } catch { /* Without storage it is as the system says. */ }
})();
