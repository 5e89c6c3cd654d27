// What addons have to say of a form while it is filled in: asked for when typing rests, shown beside the fields, never
// among them. Without this script it is said when the form is shown.
const REST = 400;
const states = new WeakMap();

const fieldOf = (control) => control.name?.replace(/:label$/, "");
const placeOf = (form) => form.querySelector(".hints") ?? document.getElementById("hints");

function typed(form) {
  const wanted = new Set(form.dataset.hinted.split(" "));
  const data = new FormData();
  for (const [name, value] of new FormData(form)) {
    if (wanted.has(name.replace(/:label$/, "")) || name === "csrf_token") data.append(name, value);
  }
  return data;
}

function tell(place, text) {
  const told = place.querySelector("[data-told]");
  const opened = new Set([...told.querySelectorAll("details[open]")].map((one) => one.dataset.hint));
  const holder = document.createElement("template");
  holder.innerHTML = text;
  for (const one of holder.content.querySelectorAll("details")) one.open = opened.has(one.dataset.hint);
  told.replaceChildren(holder.content);
  const lines = [...told.querySelectorAll("summary")].map((one) => one.textContent.trim());
  place.querySelector('[role="status"]').textContent = lines.join(". ");
}

async function ask(form) {
  const state = states.get(form);
  clearTimeout(state.timer);
  const data = typed(form);
  const picture = new URLSearchParams(data).toString();
  if (picture === state.picture) return;
  state.picture = picture;
  state.asking?.abort();
  state.asking = new AbortController();
  try {
    const answer = await fetch(form.dataset.hints, { method: "POST", body: data, signal: state.asking.signal });
    const text = answer.ok ? await answer.text() : state.text;
    if (picture !== state.picture || text === state.text) return;
    state.text = text;
    tell(placeOf(form), text);
  } catch (error) {
    // A newer question took its place, or the server is away: what was said stays, and is asked for again.
    if (picture === state.picture) state.picture = undefined;
    if (error.name !== "AbortError" && !(error instanceof TypeError)) throw error;
  }
}

function noticed(event) {
  const { target } = event;
  const { form } = target;
  if (!form?.dataset.hints || !form.dataset.hinted.split(" ").includes(fieldOf(target))) return;
  if (!states.has(form)) states.set(form, {});
  const state = states.get(form);
  clearTimeout(state.timer);
  // What is typed into a picker means something once it is chosen.
  if (event.type === "input" && target.matches("[data-picker]")) return;
  state.timer = setTimeout(() => ask(form), event.type === "input" ? REST : 0);
}

document.addEventListener("input", noticed);
document.addEventListener("change", noticed);
