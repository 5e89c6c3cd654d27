// What opens with a form in it is for typing: the first field takes the focus, and single keys are typed, not pressed.
document.addEventListener(
  "toggle",
  (event) => {
    const opened = event.target;
    if (event.newState !== "open" || !opened.querySelector("form, .input")) return;
    if (!opened.matches("[popover], details.inline-add")) return;
    opened.querySelector("input:not([type=hidden]), select, textarea")?.focus();
  },
  true,
);

// The way back from a record leads to its row or card, not just to its page.
const at = location.hash.match(/^#at-(\d+)$/);
if (at) {
  document.querySelector(`[data-id="${at[1]}"] :is(a.title, a.go, a)`)?.focus();
  history.replaceState(history.state, "", location.pathname + location.search);
}

// Parts of a page that the server sends again: focus, caret and open menus survive, the page's address stays true.
document.addEventListener("htmx:beforeSwap", (event) => {
  const { xhr } = event.detail;
  if (xhr.getResponseHeader("HX-Part") === "whole") location.reload();
});

document.addEventListener("htmx:responseError", (event) => {
  const area = document.getElementById("toasts");
  if (!area || !event.detail.xhr.responseText) return;
  const holder = document.createElement("template");
  holder.innerHTML = event.detail.xhr.responseText;
  const banner = holder.content.querySelector(".banner");
  if (banner) area.append(banner);
});
