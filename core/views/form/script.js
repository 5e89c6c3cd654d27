// A form: values are edited in place; a whole form asks the server for its modifiers and computed values while it is
// filled in, and keeps what is being typed; nothing typed is lost by leaving the page unasked.

// Editing in place

const shown = new WeakMap();

function announceSaved(path) {
  const field = document.querySelector(`[data-field="${CSS.escape(path)}"] dd`);
  if (!field) return;
  const state = document.createElement("span");
  state.className = "state";
  state.setAttribute("role", "status");
  state.append(document.getElementById("form-words").content.cloneNode(true));
  field.append(state);
  field.querySelector("a")?.focus({ preventScroll: true });
  setTimeout(() => state.remove(), 4000);
}

document.addEventListener("htmx:beforeSwap", (event) => {
  const { target } = event.detail;
  if (target.matches?.("dd") && !target.querySelector("form.edit")) shown.set(target, [...target.childNodes]);
});

document.addEventListener("htmx:afterSettle", (event) => {
  const form = event.target.querySelector?.("form.edit");
  if (!form) return;
  const input = form.querySelector('[aria-invalid="true"], input:not([type="hidden"]), select:not([hidden]), textarea');
  input?.focus();
  if (input?.matches('input:not([type="checkbox"], [type="date"], [type="datetime-local"])')) input.select();
});

document.addEventListener("saved", (event) => announceSaved(event.detail.field));

function cancel(form) {
  const holder = form.closest("dd");
  const before = holder && shown.get(holder);
  if (!before) return false;
  holder.replaceChildren(...before);
  window.htmx?.process(holder);
  holder.querySelector("a")?.focus();
  return true;
}

document.addEventListener("click", (event) => {
  const link = event.target.closest("[data-cancel]");
  if (link && cancel(link.closest("form"))) event.preventDefault();
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || event.defaultPrevented) return;
  const form = event.target.closest?.("form.edit");
  if (form && cancel(form)) event.preventDefault();
});

// A whole form

const controls = (root) => [...root.querySelectorAll("input, select, textarea")].filter((one) => one.name);
const valueOf = (control) => {
  if (control.type === "checkbox") return String(control.checked);
  return control.multiple ? [...control.selectedOptions].map((option) => option.value).join() : control.value;
};
const picture = (root) => new Map(controls(root).map((control) => [`${control.name} ${control.type}`, valueOf(control)]));

function keepTyping(fresh, sent, sections) {
  const now = new Map(controls(sections).map((control) => [`${control.name} ${control.type}`, control]));
  for (const control of controls(fresh)) {
    const key = `${control.name} ${control.type}`;
    const typed = now.get(key);
    if (!typed || !sent.has(key) || valueOf(typed) === sent.get(key)) continue;
    if (control.type === "checkbox") control.checked = typed.checked;
    else if (!control.multiple) control.value = typed.value;
  }
}

async function refresh(form) {
  const sections = form.querySelector("#sections");
  const sent = picture(sections);
  const number = (form.refreshes = (form.refreshes ?? 0) + 1);
  const answer = await fetch(form.dataset.refreshTo, { method: "POST", body: new FormData(form), headers: { "HX-Request": "true" } });
  if (!answer.ok || number !== form.refreshes) return;
  const holder = document.createElement("template");
  holder.innerHTML = await answer.text();
  keepTyping(holder.content, sent, sections);
  const focused = document.activeElement;
  const caret = focused?.selectionStart === undefined ? null : [focused.selectionStart, focused.selectionEnd];
  const id = sections.contains(focused) ? focused.id : "";
  sections.replaceChildren(holder.content);
  window.htmx?.process(sections);
  sections.dispatchEvent(new CustomEvent("htmx:load", { bubbles: true }));
  const again = id && document.getElementById(id);
  if (again) {
    again.focus({ preventScroll: true });
    if (caret?.[0] !== null && caret && /^(text|search|tel|url|textarea|)$/.test(again.type)) again.setSelectionRange(...caret);
    // Somebody is typing in a picker: its suggestions were asked for by the field that has just gone.
    if (again.matches("[data-picker]") && again.value !== again.defaultValue) again.dispatchEvent(new Event("input"));
  }
}

for (const form of document.querySelectorAll("form[data-guard]")) {
  let dirty = Boolean(form.querySelector("[aria-invalid]"));
  form.addEventListener("input", () => (dirty = true));
  form.addEventListener("change", (event) => {
    dirty = true;
    if (event.target.dataset.refresh !== undefined) refresh(form);
  });
  form.addEventListener("submit", () => (dirty = false));
  window.addEventListener("beforeunload", (event) => dirty && event.preventDefault());
  if (form.dataset.refreshTo.split("/").length === 4 && !dirty) form.querySelector("input[required]")?.focus();
}

document.addEventListener("keydown", (event) => {
  if (event.key !== "s" || !(event.ctrlKey || event.metaKey)) return;
  const form = document.getElementById("record-form");
  if (!form) return;
  event.preventDefault();
  form.requestSubmit();
});

// What cannot be undone asks first

document.addEventListener("click", (event) => {
  const button = event.target.closest("button[data-confirm]");
  const dialog = document.getElementById("confirm");
  if (!button || !dialog) return;
  event.preventDefault();
  dialog.querySelector("h2").textContent = button.dataset.confirm;
  dialog.querySelector('[value="yes"]').textContent = button.textContent.trim();
  dialog.returnValue = "";
  dialog.addEventListener("close", () => dialog.returnValue === "yes" && button.form.submit(), { once: true });
  dialog.showModal();
});
