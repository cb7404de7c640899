// What helps where scripts run: copying, light and dark, and the palette. Every page does without.
(() => {
  "use strict";
  const root = document.documentElement;
  const words = document.body.dataset;

  const dark = () => root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  for (const button of document.querySelectorAll("[data-theme-switch]")) {
    button.hidden = false;
    const say = () => button.setAttribute("aria-pressed", String(dark()));
    say();
    button.addEventListener("click", () => {
      root.dataset.theme = dark() ? "light" : "dark";
      say();
      try { localStorage.setItem("placet-theme", root.dataset.theme); } catch { /* For this page alone, then. */ }
    });
  }

  for (const part of document.querySelectorAll("[data-copy-me]")) {
    if (!navigator.clipboard) break;
    const button = document.createElement("button");
    button.type = "button";
    button.className = "copy";
    button.textContent = words.copy;
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(part.textContent);
      button.textContent = words.copied;
      setTimeout(() => { button.textContent = words.copy; }, 2000);
    });
    part.after(button);
  }

  const opener = document.querySelector("[data-opens-palette]");
  if (!opener || typeof HTMLDialogElement === "undefined") return;
  let dialog;

  const made = async () => {
    const response = await fetch(words.palette, { credentials: "same-origin" });
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    const list = page.getElementById("palette-entries");
    if (!list) return null;
    const made = document.createElement("dialog");
    made.className = "palette";
    made.setAttribute("aria-label", opener.firstChild.textContent.trim());
    const input = document.createElement("input");
    input.type = "search";
    input.setAttribute("aria-label", opener.firstChild.textContent.trim());
    const entries = document.importNode(list, true);
    entries.removeAttribute("id");
    const shown = () => [...entries.children].filter((entry) => !entry.hidden);
    input.addEventListener("input", () => {
      const asked = input.value.toLowerCase().split(/\s+/).filter(Boolean);
      for (const entry of entries.children) {
        const text = entry.textContent.toLowerCase();
        entry.hidden = !asked.every((word) => text.includes(word));
      }
    });
    made.addEventListener("keydown", (event) => {
      const links = shown().map((entry) => entry.querySelector("a"));
      const at = links.indexOf(document.activeElement);
      if (event.key === "ArrowDown") { links[Math.min(at + 1, links.length - 1)]?.focus(); event.preventDefault(); }
      if (event.key === "ArrowUp") { (at > 0 ? links[at - 1] : input).focus(); event.preventDefault(); }
      if (event.key === "Enter" && document.activeElement === input) links[0]?.click();
      // A field for searches would take the first press for itself, and only be emptied.
      if (event.key === "Escape") { made.close(); event.preventDefault(); }
    });
    made.append(input, entries);
    document.body.append(made);
    return made;
  };

  const open = async () => {
    dialog ??= await made();
    if (!dialog) { location.href = words.palette; return; }
    if (!dialog.open) dialog.showModal();
    dialog.querySelector("input").select();
  };
  opener.addEventListener("click", (event) => { event.preventDefault(); open(); });
  document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") { event.preventDefault(); open(); }
  });
})();
