// A page that is kept up to date: when the server says that something changed, the parts marked data-live are
// fetched again and put in place, without losing what is ticked, opened, typed or focused.

const said = document.querySelector("[data-live-said]");
const PATIENCE = 30_000;
const shown = new WeakMap();
let waiting = false;
let again = false;

async function look() {
  if (waiting) return void (again = true);
  waiting = true;
  try {
    const answer = await fetch(location.href, { headers: { "X-Live": "1" } });
    if (answer.ok && !answer.redirected) renew(new DOMParser().parseFromString(await answer.text(), "text/html"));
  } catch {
    // The network is away; the next event or round tries again.
  }
  waiting = false;
  if (again) {
    again = false;
    look();
  }
}

function renew(fresh) {
  const parts = (page) => [...page.querySelectorAll("[data-live]")].map((part) => part.dataset.live).join();
  if (parts(fresh) !== parts(document)) return location.reload(); // the first matter has come, or the last one gone
  for (const part of document.querySelectorAll("[data-live]")) {
    const next = fresh.querySelector(`[data-live="${part.dataset.live}"]`);
    if (!next || next.innerHTML === shown.get(part)) continue;
    const before = keep(part);
    shown.set(part, next.innerHTML);
    part.replaceChildren(...next.childNodes);
    restore(part, before);
  }
  document.dispatchEvent(new Event("renewed"));
}

function keep(part) {
  const focused = part.contains(document.activeElement) ? name(document.activeElement) : null;
  const rows = new Map([...part.querySelectorAll("[data-row]")].map((row) => [row.dataset.row, row.dataset.seq]));
  const ticked = [...part.querySelectorAll("input[type=checkbox]:checked")].map((box) => box.value);
  return { focused, rows, ticked };
}

function restore(part, { focused, rows, ticked }) {
  for (const box of part.querySelectorAll("input[type=checkbox]")) box.checked ||= ticked.includes(box.value);
  for (const row of part.querySelectorAll("[data-row]")) {
    row.classList.toggle("fresh", rows.get(row.dataset.row) !== row.dataset.seq);
  }
  if (focused) [...part.querySelectorAll("a, button, input")].find((each) => name(each) === focused)?.focus();
}

/** What an element is known by from one picture of the page to the next. */
function name(element) {
  return element.id || element.getAttribute("href") || `${element.name}=${element.value}`;
}

let round;

function listen() {
  const source = new EventSource(document.querySelector("[data-live-from]").dataset.liveFrom);
  source.addEventListener("changed", look);
  source.addEventListener("open", () => {
    clearInterval(round);
    tell(true);
  });
  source.addEventListener("error", () => {
    tell(false);
    clearInterval(round);
    round = setInterval(look, PATIENCE);
    if (source.readyState === EventSource.CLOSED) setTimeout(listen, PATIENCE);
  });
}

function tell(live) {
  if (!said) return;
  said.textContent = live ? said.dataset.now : said.dataset.away;
  said.toggleAttribute("data-on", live);
}

if (document.querySelector("[data-live-from]")) listen();
