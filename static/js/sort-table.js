// Let tables be sorted by a click on a heading; without this script they stand in the order that they came in.
"use strict";

(() => {
  const collator = new Intl.Collator(document.documentElement.lang, { numeric: true });
  const words = document.currentScript.dataset;

  function keyOf(cell, isNumber) {
    const given = cell.dataset.key;
    if (isNumber) return given === undefined ? null : Number(given);
    return given ?? cell.textContent;
  }

  function sort(table, column, ascending) {
    const body = table.tBodies[0];
    const isNumber = table.tHead.rows[0].cells[column].classList.contains("number");
    const rows = [...body.rows].map((row) => ({ row, key: keyOf(row.cells[column], isNumber) }));
    // What has no value stays last either way.
    rows.sort((one, other) => {
      if (one.key === null || other.key === null) return (one.key === null) - (other.key === null);
      const order = isNumber ? one.key - other.key : collator.compare(one.key, other.key);
      return ascending ? order : -order;
    });
    body.append(...rows.map(({ row }) => row));
  }

  function prepare(table) {
    const heads = [...table.tHead.rows[0].cells];
    for (const [column, head] of heads.entries()) {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "sort";
      button.append(...head.childNodes);
      button.title = words.sort;
      head.append(button);
      button.addEventListener("click", () => {
        const ascending = head.getAttribute("aria-sort") !== "ascending";
        for (const one of heads) one.removeAttribute("aria-sort");
        head.setAttribute("aria-sort", ascending ? "ascending" : "descending");
        sort(table, column, ascending);
      });
    }
  }

  for (const table of document.querySelectorAll("table[data-sortable]")) {
    if (table.tBodies[0].rows.length > 1) prepare(table);
  }
})();
