// Files of a record: chosen ones are sent at once; those dropped on a record are sent as if they had been chosen. What is
// dropped on a box for writing goes with the message that is being written.
import { show } from "./toasts.js";

// What the server would refuse is not sent: the page, and what was typed on it, stay.
function tooLarge(input) {
  const bytes = [...input.files].reduce((sum, file) => sum + file.size, 0);
  if (bytes <= Number(document.body.dataset.largest) * 1_000_000) return false;
  input.value = "";
  show(document.body.dataset.tooLarge);
  return true;
}

document.addEventListener(
  "change",
  (event) => {
    const input = event.target;
    if (input.type !== "file") return;
    if (tooLarge(input)) event.stopImmediatePropagation();
    else if (input.files.length) input.closest("form[data-files]")?.requestSubmit();
  },
  true,
);

const carriesFiles = (event) => [...(event.dataTransfer?.types ?? [])].includes("Files");
const inputFor = (target) => {
  const box = target.closest?.("form.compose") ?? target.closest?.("main")?.querySelector("form[data-files]");
  return box?.querySelector('input[type="file"]');
};

function mark(target) {
  const over = target && inputFor(target)?.closest("form.compose, section.files");
  for (const each of document.querySelectorAll("[data-drop]")) if (each !== over) delete each.dataset.drop;
  if (over) over.dataset.drop = "";
}

document.addEventListener("dragover", (event) => {
  if (!carriesFiles(event)) return;
  // A file that is dropped beside its place must not replace the page.
  event.preventDefault();
  event.dataTransfer.dropEffect = inputFor(event.target) ? "copy" : "none";
  mark(event.target);
});

document.addEventListener("dragleave", (event) => {
  if (!event.relatedTarget) mark(null);
});

document.addEventListener("drop", (event) => {
  if (!carriesFiles(event)) return;
  event.preventDefault();
  const input = inputFor(event.target);
  mark(null);
  if (!input) return;
  input.files = event.dataTransfer.files;
  input.dispatchEvent(new Event("change", { bubbles: true }));
});
