// The planner's page: a click on an hour of the heat map shows that hour on the map; a job tells how far it is.
"use strict";

(() => {
  const map = document.querySelector(".map-frame");
  for (const table of document.querySelectorAll(".heat-map")) {
    table.addEventListener("click", ({ target }) => {
      const slice = target.closest("[data-slice]")?.dataset.slice;
      if (slice === undefined || !map || !globalThis.coverageMap) return;
      globalThis.coverageMap.show(Number(slice));
      map.scrollIntoView({ block: "center" });
    });
  }

  const progress = document.querySelector("[data-progress]");
  if (!progress) return;
  const bar = progress.querySelector("progress");
  const line = progress.querySelector("[data-step]");

  async function look() {
    try {
      const answer = await fetch(progress.dataset.progress, { cache: "no-store" });
      const job = await answer.json();
      if (!job.goes_on) {
        location.reload();
        return;
      }
      if (line.textContent !== job.text) line.textContent = job.text;
      bar.value = job.done;
    } catch {
      // No connection: the next look may do better.
    }
    setTimeout(look, 700);
  }
  setTimeout(look, 300);
})();
