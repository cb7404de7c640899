// Puts calls on top of the list as they come. Without it, a link asks for what is new.
(() => {
  "use strict";
  const table = document.getElementById("calls");
  const button = document.getElementById("live");
  const says = document.getElementById("live-says");
  const link = document.getElementById("new");
  if (!table || !button || !link) return;
  const body = table.tBodies[0];
  const PAUSE = 1500;
  const MOST = 1000;
  let timer;

  const ask = async () => {
    const url = new URL(link.href);
    url.searchParams.set("after", table.dataset.cursor);
    // Nobody is there only because this page asks.
    url.searchParams.set("live", "1");
    const response = await fetch(url, { credentials: "same-origin", redirect: "error" });
    if (!response.ok) throw new Error(String(response.status));
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    const found = page.getElementById("calls");
    if (!found) throw new Error("no list");
    const rows = [...found.tBodies[0].rows].map((row) => document.importNode(row, true));
    body.prepend(...rows);
    while (body.rows.length > MOST) body.rows[MOST].remove();
    if (rows.length) document.getElementById("none")?.remove();
    table.dataset.cursor = found.dataset.cursor;
    url.searchParams.delete("live");
    url.searchParams.set("after", table.dataset.cursor);
    link.href = url;
  };

  const stop = (why) => {
    clearTimeout(timer);
    timer = undefined;
    button.setAttribute("aria-pressed", "false");
    button.textContent = button.dataset.go;
    says.textContent = why;
  };
  const go = async () => {
    try {
      await ask();
    } catch {
      stop(says.dataset.lost);
      return;
    }
    if (timer !== undefined) timer = setTimeout(go, PAUSE);
  };

  button.hidden = false;
  button.addEventListener("click", () => {
    if (timer !== undefined) { stop(""); return; }
    timer = 0;
    button.setAttribute("aria-pressed", "true");
    button.textContent = button.dataset.pause;
    says.textContent = says.dataset.none;
    go();
  });
})();
