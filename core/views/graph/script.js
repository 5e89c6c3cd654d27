// A graph: its marks are one stop for Tab, and the arrow keys go from one to the next. Without this each is a stop.
const marks = [...document.querySelectorAll(".graph [data-mark]")];

function stop(at) {
  for (const mark of marks) mark.setAttribute("tabindex", mark === at ? "0" : "-1");
}

if (marks.length) {
  stop(marks[0]);
  document.querySelector(".graph .chart").addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    const next = marks[marks.indexOf(document.activeElement) + step];
    if (!next || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    stop(next);
    next.focus();
  });
}
