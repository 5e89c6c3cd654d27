// Fields that choose records: one record (a text beside a hidden id) or several (a select that becomes chips).
// Without this script the server finds the record by the text, and the select is a list of its own.
import { combobox } from "./combobox.js";

async function ask(address, text) {
  const url = new URL(address, location.href);
  url.searchParams.set("q", text);
  const answer = await fetch(url, { headers: { Accept: "application/json" }, credentials: "same-origin" });
  return answer.ok ? (await answer.json()).options : [];
}

function announce(element) {
  element.dispatchEvent(new Event("change", { bubbles: true }));
}

function one(input) {
  const hidden = input.previousElementSibling;
  let label = hidden.value ? input.defaultValue : "";
  combobox(input, {
    suggest: (text) => ask(input.dataset.picker, text === label ? "" : text),
    choose: (found) => {
      hidden.value = found.id;
      input.value = label = found.label;
      announce(input);
    },
  });
  input.addEventListener("change", () => {
    if (input.value.trim() !== label) hidden.value = "";
  });
}

function several(select) {
  const holder = document.createElement("div");
  holder.className = "input chips";
  const input = document.createElement("input");
  input.id = `${select.id}-text`;
  input.autocomplete = "off";
  if (select.hasAttribute("aria-describedby")) input.setAttribute("aria-describedby", select.getAttribute("aria-describedby"));
  const name = select.labels?.[0]?.textContent.trim() ?? "";
  for (const label of select.labels ?? []) label.htmlFor = input.id;
  select.hidden = true;
  select.after(holder);
  holder.append(input);
  input.setAttribute("aria-label", name);

  const draw = () => {
    for (const chip of holder.querySelectorAll(".chip")) chip.remove();
    for (const option of select.selectedOptions) {
      const chip = document.createElement("span");
      chip.className = "chip";
      chip.textContent = option.textContent;
      const remove = document.createElement("button");
      remove.type = "button";
      remove.className = "chip-x";
      remove.setAttribute("aria-label", `${document.body.dataset.remove} ${option.textContent}`);
      remove.textContent = "×";
      remove.addEventListener("click", () => {
        option.selected = false;
        draw();
        input.focus();
        announce(select);
      });
      chip.append(remove);
      input.before(chip);
    }
  };
  combobox(input, {
    labelledBy: name,
    suggest: async (text) => {
      const chosen = new Set([...select.selectedOptions].map((option) => option.value));
      return (await ask(select.dataset.tags, text)).filter((found) => !chosen.has(String(found.id)));
    },
    choose: (found) => {
      const known = [...select.options].find((option) => option.value === String(found.id));
      const option = known ?? select.appendChild(new Option(found.label, found.id));
      option.selected = true;
      input.value = "";
      draw();
      announce(select);
    },
  });
  input.addEventListener("keydown", (event) => {
    if (event.key !== "Backspace" || input.value) return;
    const last = [...select.selectedOptions].at(-1);
    if (!last) return;
    last.selected = false;
    draw();
    announce(select);
  });
  draw();
}

export function enhance(root) {
  for (const input of root.querySelectorAll("input[data-picker]:not([role])")) one(input);
  for (const select of root.querySelectorAll("select[data-tags]:not([hidden])")) several(select);
}

enhance(document);
document.addEventListener("htmx:load", (event) => enhance(event.target));
