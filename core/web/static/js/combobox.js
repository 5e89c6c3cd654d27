// A text field with suggestions, by the combobox pattern of the ARIA Authoring Practices: the focus stays in the field,
// arrow keys move through the list, Enter chooses, Escape closes. With `part`, which gives the piece of a longer text that
// is being typed or null, only that piece is completed. A textarea stays a textbox (ARIA in HTML allows it no other role,
// and a textbox is never expanded); whoever offers the suggestions announces them.
const PAUSE = 150;
let made = 0;

export function combobox(input, { suggest, choose, labelledBy, part }) {
  const list = document.createElement("ul");
  list.id = `options-${++made}`;
  list.className = "options";
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", labelledBy ?? input.labels?.[0]?.textContent.trim() ?? "");
  list.hidden = true;
  input.after(list);
  const role = part ? ["aria-haspopup", "listbox"] : ["role", "combobox"];
  for (const [name, value] of [role, ["aria-autocomplete", "list"], ["aria-controls", list.id]]) input.setAttribute(name, value);
  const expand = (open) => part || input.setAttribute("aria-expanded", String(open));
  expand(false);
  input.removeAttribute("list");
  let timer = 0;
  let asked = 0;

  const close = () => {
    clearTimeout(timer);
    asked++;
    list.hidden = true;
    list.replaceChildren();
    expand(false);
    input.removeAttribute("aria-activedescendant");
  };
  const active = () => list.querySelector('[aria-selected="true"]');
  const mark = (option) => {
    active()?.setAttribute("aria-selected", "false");
    option.setAttribute("aria-selected", "true");
    option.scrollIntoView({ block: "nearest" });
    input.setAttribute("aria-activedescendant", option.id);
  };
  const take = (option) => {
    if (option.hasAttribute("aria-disabled")) return;
    const found = { id: option.dataset.id, label: option.textContent };
    close();
    choose(found);
  };
  const open = async () => {
    const typed = part ? part() : input.value.trim();
    if (typed === null) return close();
    const number = ++asked;
    const found = await suggest(typed);
    if (number !== asked || !input.isConnected || document.activeElement !== input) return;
    const shown = found.map((one, index) => item(one, `${list.id}-${index}`));
    if (!shown.length && typed && !part) shown.push(nothing());
    list.replaceChildren(...shown);
    list.hidden = shown.length === 0;
    expand(shown.length > 0);
    if (shown.length && (part || typed)) mark(list.firstElementChild);
  };
  const nothing = () => {
    const option = item({ id: "", label: document.body.dataset.nothing }, `${list.id}-0`);
    option.setAttribute("aria-disabled", "true");
    return option;
  };
  const item = (one, id) => {
    const option = document.createElement("li");
    option.id = id;
    option.setAttribute("role", "option");
    option.setAttribute("aria-selected", "false");
    option.dataset.id = one.id;
    option.textContent = one.label;
    return option;
  };

  input.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(open, PAUSE);
  });
  input.addEventListener("click", () => (part ? close() : list.hidden && open()));
  if (input.dataset.eager !== undefined) input.addEventListener("focus", open);
  input.addEventListener("blur", close);
  list.addEventListener("pointerdown", (event) => {
    event.preventDefault();
    const option = event.target.closest("[role=option]");
    if (option) take(option);
  });
  input.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      if (part && list.hidden) return;
      event.preventDefault();
      if (list.hidden) return void open();
      const options = [...list.children];
      const step = event.key === "ArrowDown" ? 1 : -1;
      const place = options.indexOf(active());
      mark(options.at((place + step + options.length + (place < 0 && step < 0 ? 1 : 0)) % options.length));
    } else if (event.key === "Enter" && active() && !event.ctrlKey && !event.metaKey) {
      event.preventDefault();
      take(active());
    } else if (part && ["ArrowLeft", "ArrowRight", "Home", "End"].includes(event.key)) {
      close();
    } else if (event.key === "Escape" && !list.hidden) {
      event.preventDefault();
      event.stopPropagation();
      close();
    }
  });
  return { close };
}
