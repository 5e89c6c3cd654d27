// A list: rows are ticked one by one, in ranges or all at once; arrow keys move a cursor over the cells.
const FOCUSABLE = "a[href], button, input";

// Ticks outlive paging and sorting: those of other pages wait in the bar, as boxes that are sent along.
function keptTicks(bar, boxes) {
  const address = new URL(location.href);
  for (const name of ["after", "order", "totals", "open"]) address.searchParams.delete(name);
  const key = `ticked:${address.pathname}?${address.searchParams}`;
  const here = new Set(boxes.map((box) => box.value));
  const stored = bar ? JSON.parse(sessionStorage.getItem(key) ?? "[]") : [];
  const ticked = new Set(stored);
  for (const box of boxes) box.checked ||= ticked.has(box.value);
  let elsewhere = stored.filter((id) => !here.has(id));
  for (const id of elsewhere) {
    const box = document.createElement("input");
    Object.assign(box, { type: "checkbox", name: "ids", value: id, checked: true, hidden: true });
    bar.append(box);
  }
  const forget = () => sessionStorage.removeItem(key);
  return {
    keep(now) {
      const all = [...elsewhere, ...now.map((box) => box.value)];
      if (all.length) sessionStorage.setItem(key, JSON.stringify(all));
      else forget();
      return elsewhere.length;
    },
    drop() {
      elsewhere = [];
      for (const box of bar?.querySelectorAll('[name="ids"]') ?? []) box.remove();
      forget();
    },
    forget,
  };
}

function tickable(table) {
  const boxes = () => [...table.querySelectorAll('input[name="ids"]')];
  const all = table.querySelector("[data-select-all]");
  const bar = document.getElementById("bulk");
  const told = bar?.querySelector("[data-selected]");
  const everything = bar?.querySelector('[name="all"]');
  const kept = keptTicks(bar, boxes());
  let last = null;

  const draw = () => {
    const shown = boxes();
    const ticked = shown.filter((box) => box.checked);
    const count = kept.keep(ticked) + ticked.length;
    for (const box of shown) {
      if (box.checked) box.closest("tr").setAttribute("aria-selected", "true");
      else box.closest("tr").removeAttribute("aria-selected");
    }
    if (all) {
      all.checked = shown.length > 0 && ticked.length === shown.length;
      all.indeterminate = ticked.length > 0 && ticked.length < shown.length;
    }
    if (told) told.textContent = everything?.checked ? told.dataset.everything : told.dataset.selected.replace("{count}", count);
  };
  // "All" holds only as long as nobody touches a row: what the bar says is what the next button acts on.
  const set = (chosen, checked) => {
    for (const box of chosen) box.checked = checked;
    if (everything) everything.checked = false;
    draw();
  };

  const clear = () => {
    kept.drop();
    set(boxes(), false);
  };

  table.addEventListener("click", (event) => {
    const box = event.target.closest('input[name="ids"]');
    if (!box) return;
    const shown = boxes();
    if (event.shiftKey && last && shown.includes(last)) {
      const [from, to] = [shown.indexOf(last), shown.indexOf(box)].sort((one, other) => one - other);
      set(shown.slice(from, to + 1), box.checked);
    }
    last = box;
  });
  table.addEventListener("change", (event) => {
    if (event.target === all) set(boxes(), all.checked);
    else set([], false);
  });
  everything?.addEventListener("change", () => {
    const chosen = everything.checked;
    set(boxes(), chosen);
    everything.checked = chosen;
    draw();
  });
  bar?.querySelector("[data-clear]")?.addEventListener("click", (event) => {
    event.preventDefault();
    clear();
  });
  bar?.addEventListener("submit", () => kept.forget());
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || event.defaultPrevented || document.querySelector(":popover-open, dialog:modal")) return;
    if (bar?.querySelector('[name="ids"]') || boxes().some((box) => box.checked)) clear();
  });
  draw();
}

// One cell takes part in the tab order, so that Tab leaves the grid in one press; arrows move it.
function movable(table) {
  const rows = () => [...table.rows].filter((row) => row.checkVisibility());
  let current = null;

  const rove = (cell) => {
    if (current) current.tabIndex = -1;
    current = cell;
    if (cell) cell.tabIndex = 0;
  };
  const prepare = () => {
    for (const cell of table.querySelectorAll("th, td")) cell.tabIndex = -1;
    for (const inner of table.querySelectorAll(FOCUSABLE)) inner.tabIndex = -1;
    rove(table.querySelector("tbody tr:not(.group) .fluid") ?? table.querySelector("tbody td, tbody th, thead th"));
  };
  const go = (cell) => {
    if (!cell) return;
    rove(cell);
    cell.focus();
    cell.scrollIntoView({ block: "nearest", inline: "nearest" });
  };
  const beside = (cell, key) => {
    const shown = rows();
    const row = cell.parentElement;
    const place = shown.indexOf(row);
    const cells = [...row.cells].filter((each) => each.checkVisibility());
    const column = cells.indexOf(cell);
    const inRow = (other) => other && ([...other.cells].filter((each) => each.checkVisibility())[column] ?? other.cells[other.cells.length - 1]);
    switch (key) {
      case "ArrowRight":
        return cells[column + 1];
      case "ArrowLeft":
        return cells[column - 1];
      case "ArrowDown":
        return inRow(shown[place + 1]);
      case "ArrowUp":
        return inRow(shown[place - 1]);
      case "Home":
        return cells[0];
      case "End":
        return cells.at(-1);
      case "PageDown":
        return inRow(shown[Math.min(place + 10, shown.length - 1)]);
      case "PageUp":
        return inRow(shown[Math.max(place - 10, 0)]);
    }
  };
  const act = (cell, event) => {
    const inner = cell.querySelector(FOCUSABLE);
    const box = cell.parentElement.querySelector('input[name="ids"], [data-select-all]');
    if (event.key === "Enter" && inner) inner.click();
    else if ((event.key === " " || event.key === "x") && box) box.click();
    else return false;
    return true;
  };

  table.addEventListener("focusin", (event) => {
    const cell = event.target.closest("th, td");
    if (cell && cell !== current) rove(cell);
  });
  table.addEventListener("keydown", (event) => {
    const cell = event.target.closest("th, td");
    if (!cell || event.target !== cell || event.ctrlKey || event.metaKey || event.altKey) return;
    const next = beside(cell, event.key);
    if (next) go(next);
    if (next || act(cell, event)) event.preventDefault();
  });
  table.addEventListener("htmx:afterSwap", prepare);
  prepare();
}

for (const table of document.querySelectorAll('table.list[role="grid"]')) {
  tickable(table);
  movable(table);
}
