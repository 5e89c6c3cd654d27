// The box to write in: Ctrl+Enter sends, chosen files are named, a template fills the text in to go on writing from.

for (const form of document.querySelectorAll("form.compose")) {
  const text = form.querySelector("textarea");
  const files = form.querySelector('input[type="file"]');
  const named = form.querySelector("[data-chosen]");
  form.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.requestSubmit();
  });
  files?.addEventListener("change", () => (named.textContent = [...files.files].map((file) => file.name).join(", ")));
  const templates = form.querySelector("select[data-fill]");
  let filled = "";
  templates?.addEventListener("change", async () => {
    if (!templates.value || (text.value.trim() && text.value !== filled)) return;
    const answer = await fetch(templates.dataset.fill + templates.value, { headers: { "HX-Request": "true" } });
    if (!answer.ok) return;
    text.value = filled = (await answer.text()).trim();
    text.focus();
  });
}
