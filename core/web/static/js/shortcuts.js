// Keys without Ctrl: each presses what says so with aria-keyshortcuts. They can be switched off (WCAG 2.1.4).
const OFF = "single-keys-off";
const sheet = document.getElementById("shortcuts");
const choice = document.getElementById("single-keys");

export const typing = (target) => Boolean(target.closest("input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]"));

function press(key) {
  const named = [...document.querySelectorAll("[aria-keyshortcuts]")].filter((one) =>
    one.getAttribute("aria-keyshortcuts").split(" ").includes(key),
  );
  const target = named.find((one) => one.checkVisibility());
  if (!target) return false;
  if (target.matches("input, textarea, select")) {
    target.focus();
    target.select?.();
  } else target.click();
  return true;
}

if (choice) {
  choice.checked = localStorage.getItem(OFF) === null;
  choice.addEventListener("change", () =>
    choice.checked ? localStorage.removeItem(OFF) : localStorage.setItem(OFF, "1"),
  );
}

for (const button of document.querySelectorAll("[data-shortcuts]")) {
  button.hidden = false;
  button.addEventListener("click", () => sheet.showModal());
}

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.altKey || event.isComposing) return;
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    const form = event.target.form ?? document.querySelector("form[data-main]");
    if (form?.dataset.main !== undefined) {
      event.preventDefault();
      form.requestSubmit();
    }
    return;
  }
  if (event.ctrlKey || event.metaKey || typing(event.target)) return;
  if (event.target.closest("[popover], details[open]:has(form)") || document.querySelector("dialog:modal") || localStorage.getItem(OFF) !== null) return;
  if (event.key === "?") {
    event.preventDefault();
    sheet?.showModal();
  } else if (event.key.length === 1 && press(event.key)) event.preventDefault();
});
