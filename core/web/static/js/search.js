// Forms that only read: their address holds what was typed and nothing empty; Enter applies a condition.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "get") return;
  const empty = [...form.elements].filter((one) => one.name && one.name !== "filter" && one.value.trim() === "");
  for (const one of empty) one.disabled = true;
  setTimeout(() => empty.forEach((one) => (one.disabled = false))); // for the way back to this page
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing || !event.target.matches("textarea[name=where]")) return;
  event.preventDefault();
  event.target.form.requestSubmit();
});
