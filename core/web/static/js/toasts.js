// Messages at the bottom: they leave after a while, but not while somebody points at them or has focus in them.
const STAYS = 10000;
const area = document.getElementById("toasts");

function watch(toast) {
  let timer = 0;
  const start = () => {
    clearTimeout(timer);
    timer = setTimeout(() => toast.remove(), STAYS);
  };
  const stop = () => clearTimeout(timer);
  toast.addEventListener("pointerenter", stop);
  toast.addEventListener("pointerleave", start);
  toast.addEventListener("focusin", stop);
  toast.addEventListener("focusout", start);
  const close = toast.querySelector("[data-dismiss]");
  if (close) {
    close.hidden = false;
    close.addEventListener("click", () => toast.remove());
  }
  start();
}

export function show(text) {
  const toast = document.createElement("div");
  toast.className = "toast";
  toast.setAttribute("role", "status");
  const words = document.createElement("span");
  words.textContent = text;
  toast.append(words);
  area.append(toast);
  watch(toast);
}

if (area) {
  for (const toast of area.children) watch(toast);
  new MutationObserver((changes) => {
    for (const change of changes)
      for (const node of change.addedNodes) if (node.classList?.contains("toast") && !node.dataset.watched) {
        node.dataset.watched = "";
        watch(node);
      }
  }).observe(area, { childList: true });
}
