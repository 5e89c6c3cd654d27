// A board: cards are dragged, or moved with Ctrl and the arrow keys, or with the menu of the card. The server decides;
// a card that may not move goes back, with the reason.
const board = document.querySelector(".board");
const words = board ? document.getElementById("board-words").dataset : {};
const columns = () => [...board.querySelectorAll(".column")];
const targets = () => columns().filter((column) => column.dataset.beyond === undefined);
const csrf = document.body.dataset.csrf;

function tell(html, text) {
  const area = document.getElementById("toasts");
  if (html) area.insertAdjacentHTML("beforeend", html);
  else {
    const toast = document.createElement("div");
    toast.className = "toast";
    toast.setAttribute("role", "alert");
    toast.textContent = text;
    area.append(toast);
  }
}

function address(part) {
  const url = new URL(location.href);
  url.searchParams.set("part", part);
  url.searchParams.set("totals", "1");
  return url;
}

async function refreshHeads() {
  const answer = await fetch(address("heads"), { headers: { "HX-Request": "true" } });
  if (!answer.ok) return;
  const holder = document.createElement("template");
  holder.innerHTML = await answer.text();
  for (const fresh of holder.content.querySelectorAll("template[data-column]")) {
    const column = document.getElementById(`col-${fresh.dataset.column}`);
    if (!column) continue;
    const count = fresh.content.querySelector("[data-count]").textContent;
    column.querySelector("header [data-count]").textContent = count;
    const link = document.querySelector(`.switcher [data-count="${fresh.dataset.column}"]`);
    if (link) link.textContent = count;
    const sums = fresh.content.querySelector(".sums");
    if (sums) column.querySelector(".sums")?.replaceWith(sums);
  }
}

async function save(card, key) {
  const body = new URLSearchParams({ version: card.dataset.version, value: key, csrf_token: csrf, next: location.pathname + location.search });
  // The address says which board this is, so that the card comes back as it is shown here.
  const answer = await fetch(`${words.moves.replace("/0/", `/${card.dataset.id}/`)}${location.search}`, {
    method: "POST",
    body,
    headers: { Accept: "application/json" },
  });
  const told = await answer.json();
  // The next attempt is made knowing of the other person's change; that one is in the card's history.
  if (answer.status === 409 && told.current?.[card.dataset.id]) card.dataset.version = told.current[card.dataset.id];
  if (!answer.ok) throw new Error(told.detail ?? answer.statusText);
  refresh(card, told);
  if (told.toast) tell(told.toast);
}

// What the card shows may follow from where it is: its date, its probability.
function refresh(card, told) {
  const holder = document.createElement("template");
  holder.innerHTML = told.card;
  const fresh = holder.content.firstElementChild;
  card.dataset.version = told.version;
  if (!fresh) return;
  const focused = card.contains(document.activeElement);
  card.replaceChildren(...fresh.childNodes);
  if (fresh.dataset.stays) card.dataset.stays = fresh.dataset.stays;
  else delete card.dataset.stays;
  if (fresh.dataset.without) card.dataset.without = fresh.dataset.without;
  else delete card.dataset.without;
  if (focused) card.querySelector(".go").focus();
}

async function move(card, column, back) {
  card.classList.add("saving");
  try {
    await save(card, column.dataset.key);
    if (!column.querySelector("[data-cards]")) card.remove();
    await refreshHeads();
  } catch (error) {
    back();
    tell("", error.message || words.failed);
  } finally {
    card.classList.remove("saving");
  }
}

function place(card, column) {
  const home = card.parentElement;
  const next = card.nextElementSibling;
  const list = column.querySelector("[data-cards]");
  if (list) list.prepend(card);
  return () => home.insertBefore(card, next?.parentElement === home ? next : null);
}

function shift(card, step) {
  if (card.dataset.stays) {
    tell("", card.dataset.stays);
    return;
  }
  const from = card.closest(".column");
  const all = columns().filter((column) => column === from || column.dataset.beyond === undefined);
  const to = all[all.indexOf(from) + step];
  if (!to) return;
  const neighbour = card.nextElementSibling ?? card.previousElementSibling;
  const back = place(card, to);
  const focus = to.querySelector("[data-cards]") ? card : neighbour;
  show(to);
  focus?.querySelector(".go")?.focus();
  move(card, to, back);
}

// On narrow screens one column is shown; the switcher chooses it.
function show(column) {
  for (const each of columns()) each.toggleAttribute("data-current", each === column);
  for (const link of document.querySelectorAll(".switcher a")) {
    if (link.hash === `#${column.id}`) link.setAttribute("aria-current", "true");
    else link.removeAttribute("aria-current");
  }
}

// The actions that are for this card, as forms that lead back to the board.
function actionsOf(card) {
  const without = (card.dataset.without ?? "").split(" ");
  const forms = [...(document.getElementById("card-actions")?.content.children ?? [])]
    .filter((form) => !without.includes(form.dataset.action))
    .map((form) => form.cloneNode(true));
  for (const form of forms) form.setAttribute("action", form.getAttribute("action").replace("/0/do/", `/${card.dataset.id}/do/`));
  return forms.length ? [document.createElement("hr"), ...forms] : [];
}

function menuOf(button) {
  const card = button.closest(".card");
  const menu = document.createElement("div");
  menu.className = "menu";
  menu.popover = "auto";
  const head = document.createElement("h3");
  head.textContent = words.move;
  menu.append(head);
  for (const column of targets()) {
    if (column === card.closest(".column")) continue;
    const item = document.createElement("button");
    item.type = "button";
    item.append(column.querySelector(".stage").cloneNode(true));
    item.addEventListener("click", () => {
      menu.hidePopover();
      const back = place(card, column);
      move(card, column, back);
      card.isConnected && card.querySelector(".go").focus();
    });
    menu.append(item);
  }
  menu.append(...actionsOf(card));
  menu.addEventListener("toggle", (event) => event.newState === "closed" && menu.remove());
  card.append(menu);
  menu.showPopover({ source: button });
  menu.querySelector("button")?.focus();
}

function focusCard(card, key) {
  const list = [...card.parentElement.querySelectorAll(":scope > .card")];
  const place = list.indexOf(card);
  if (key === "ArrowDown" || key === "ArrowUp") return list[place + (key === "ArrowDown" ? 1 : -1)];
  const open = columns().filter((column) => column.querySelector(".card"));
  const other = open[open.indexOf(card.closest(".column")) + (key === "ArrowRight" ? 1 : -1)];
  const cards = other ? [...other.querySelectorAll(".card")] : [];
  return cards[Math.min(place, cards.length - 1)];
}

if (board) {
  // A card is a link as a whole: letting go of it must not follow the link.
  let dragging = false;
  const swallow = (event) => {
    if (!dragging) return;
    event.preventDefault();
    event.stopPropagation();
  };
  document.addEventListener("click", swallow, { capture: true });
  if (board.dataset.movable !== undefined && window.Sortable) {
    for (const list of board.querySelectorAll("[data-cards]"))
      new Sortable(list, {
        group: { name: "cards", put: list.closest("[data-beyond]") === null },
        draggable: ".card",
        animation: 120,
        delay: 150,
        delayOnTouchOnly: true,
        forceFallback: true,
        fallbackOnBody: true,
        fallbackTolerance: 4,
        ghostClass: "ghost",
        fallbackClass: "lifted",
        filter: ".btn, .menu, [data-stays]",
        preventOnFilter: false,
        onStart() {
          dragging = true;
          board.toggleAttribute("data-dragging", true);
        },
        onEnd({ item, from, to, oldDraggableIndex }) {
          board.toggleAttribute("data-dragging", false);
          setTimeout(() => (dragging = false));
          if (from === to) return;
          const back = () => from.insertBefore(item, from.querySelectorAll(":scope > .card")[oldDraggableIndex] ?? null);
          move(item, to.closest(".column"), back);
        },
      });
  }
  board.addEventListener("keydown", (event) => {
    const card = event.target.closest(".go")?.closest(".card");
    if (!card || !event.key.startsWith("Arrow") || event.altKey || event.shiftKey) return;
    event.preventDefault();
    const sideways = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
    if (event.ctrlKey || event.metaKey) {
      if (sideways && board.dataset.movable !== undefined) shift(card, getComputedStyle(board).direction === "rtl" ? -sideways : sideways);
    } else focusCard(card, event.key)?.querySelector(".go").focus();
  });
  board.addEventListener("click", (event) => {
    const button = event.target.closest("[data-move]");
    if (!button) return;
    event.preventDefault();
    menuOf(button);
  });
  document.querySelector(".switcher")?.addEventListener("click", (event) => {
    const link = event.target.closest("a");
    if (!link) return;
    event.preventDefault();
    show(document.querySelector(link.hash));
  });
  if (board.dataset.totals) refreshHeads();
}
