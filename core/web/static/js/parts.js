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
