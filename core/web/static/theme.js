// Theme and density: a press of [data-set="theme light dark"] changes <html> at once and remembers it in a cookie, from
// which the server renders the attribute on the next page, so that no page flashes. Without scripts the button's form does it.
const YEAR = 365 * 24 * 60 * 60;
const root = document.documentElement;

function remember(name, value) {
  const secure = location.protocol === "https:" ? "; Secure" : "";
  document.cookie = `${name}=${value}; Path=/; Max-Age=${YEAR}; SameSite=Lax${secure}`;
}

function shown(name, values) {
  if (root.dataset[name]) return root.dataset[name];
  const dark = name === "theme" && matchMedia("(prefers-color-scheme: dark)").matches;
  return dark ? "dark" : values[0];
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-set]");
  if (!button) return;
  event.preventDefault();
  const [name, ...values] = button.dataset.set.split(" ");
  const next = values[(values.indexOf(shown(name, values)) + 1) % values.length];
  root.dataset[name] = next;
  remember(name, next);
  if (name === "theme") document.querySelector('meta[name="color-scheme"]').content = next;
});
