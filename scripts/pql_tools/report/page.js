// Lists can be searched, tables sorted: all in the page, which can be read as well without this.
function cellText(row, place) { return row.cells[place].textContent.trim(); }

function asNumber(text) {
  const found = text.replace(/,/g, "").match(/^-?\d+(\.\d+)?(?!-\d)/);
  return found && !/^\d{4}-\d{2}/.test(text) ? parseFloat(found[0]) : null;
}

function compare(one, other) {
  const [a, b] = [asNumber(one), asNumber(other)];
  return a !== null && b !== null ? a - b : one.localeCompare(other);
}

function sortBy(table, head) {
  const place = head.cellIndex, body = table.tBodies[0];
  const up = head.getAttribute("aria-sort") !== "ascending";
  const rows = [...body.rows].sort((a, b) => compare(cellText(a, place), cellText(b, place)) * (up ? 1 : -1));
  for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
  head.setAttribute("aria-sort", up ? "ascending" : "descending");
  body.append(...rows);
}

function makeSortable(table) {
  for (const head of table.tHead.rows[0].cells) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = head.textContent;
    button.addEventListener("click", () => sortBy(table, head));
    head.replaceChildren(button);
  }
}

function makeSearchable(table) {
  const label = document.createElement("label"), input = document.createElement("input");
  const said = document.createElement("span");
  label.className = "search";
  input.type = "search";
  said.setAttribute("role", "status");
  label.append("Search ", input, said);
  input.addEventListener("input", () => {
    const words = input.value.toLowerCase().split(/\s+/);
    let shown = 0;
    for (const row of table.tBodies[0].rows) {
      const text = row.textContent.toLowerCase();
      row.hidden = !words.every(word => text.includes(word));
      shown += !row.hidden;
    }
    said.textContent = input.value ? ` ${shown} of ${table.tBodies[0].rows.length}` : "";
  });
  table.parentElement.before(label);
}

for (const table of document.querySelectorAll("table")) {
  if (table.tBodies[0].rows.length > 1) makeSortable(table);
  if (table.matches(".list") && table.tBodies[0].rows.length > 5) makeSearchable(table);
}
