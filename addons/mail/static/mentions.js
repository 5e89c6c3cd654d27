// Completing a mention: whoever types @ in the box to write in is offered the colleagues who may read the record.
import { combobox } from "../../js/combobox.js";

// As the server reads mentions: an at sign that does not stand within a word or an address.
const MENTION = /(?<![\p{L}\p{N}_@./])@([\p{L}\p{N}_.+@-]*)$/u;

for (const text of document.querySelectorAll("textarea[data-mentions]")) {
  const said = document.createElement("p");
  said.className = "vh";
  said.setAttribute("role", "status");
  text.after(said);
  const typed = () => text.value.slice(0, text.selectionStart).match(MENTION);
  combobox(text, {
    labelledBy: text.dataset.mentionsLabel,
    part: () => (text.selectionStart === text.selectionEnd ? (typed()?.[1] ?? null) : null),
    suggest: async (part) => {
      const answer = await fetch(`${text.dataset.mentions}?${new URLSearchParams({ q: part })}`, { headers: { Accept: "application/json" } });
      const found = answer.ok ? (await answer.json()).options : [];
      said.textContent = found.length ? text.dataset.mentionsHint : "";
      return found;
    },
    choose: ({ id }) => {
      said.textContent = "";
      const start = text.selectionStart - typed()[0].length;
      text.setRangeText(`@${id} `, start, text.selectionStart, "end");
      text.dispatchEvent(new Event("input", { bubbles: true }));
    },
  });
}
