// The app: which screen is shown, the line that says how it stands, and when to send and to fetch.
import { h, icon } from "./dom.js";
import { fetchMapLater } from "./map.js";
import { actScreen, areaScreen, editScreen, matterScreen, outboxScreen, reportScreen, todayScreen } from "./screens.js";
import { everyone, get, owned, recall, remember } from "./store.js";
import { heard, refresh, sendWaiting, told, whoami } from "./sync.js";
import { chooseLanguage, chooseScheme, cookie, language, say, sayPage, settings, t, useZone } from "./words.js";

const FRESH = 10 * 60_000, FIRST_WAIT = 5_000, LONGEST_WAIT = 5 * 60_000;
const main = document.getElementById("main");
const status = document.getElementById("status");
const ROUTES = [
  [/^#\/grid$/, areaScreen],
  [/^#\/report(?:\/(.+))?$/, reportScreen],
  [/^#\/outbox$/, outboxScreen],
  [/^#\/matter\/([0-9a-f]+)$/, matterScreen],
  [/^#\/do\/([0-9a-f]+)\/([\w-]+)$/, actScreen],
  [/^#\/edit\/([\w-]+)$/, editScreen],
];
const FORMS = /^#\/(report|do|edit)/;

const app = {
  owner: null, bundle: null, at: 0, entries: [], others: 0, trouble: "", sending: false, wait: FIRST_WAIT,
  /** Something was written into the outbox: go back to where it is seen, and send it. */
  async acted(to) {
    if (to) location.hash = to;
    await show();
    toast(t("kept"));
    await send();
  },
  changed: () => show(),
  send,
};

// --- what is known -----------------------------------------------------------------------------------

/** Whose phone it is now: the one who signed in last, unless he or she has signed out since. */
async function owner() {
  const noted = cookie(settings.owner);
  return noted && noted === (await recall("owner")) ? noted : null;
}

async function load() {
  const mine = await owner();
  const kept = mine ? await get("bundles", mine) : null;
  app.owner = mine;
  app.bundle = kept?.data ?? null;
  app.at = kept?.at;
  app.entries = mine ? (await owned("outbox", mine)).sort((one, other) => one.order - other.order) : [];
  app.others = (await everyone("outbox")).filter((entry) => entry.owner !== mine && entry.status !== "done").length;
  if (app.bundle) useZone(app.bundle.zone);
}

// --- what is shown -----------------------------------------------------------------------------------

let shown = "";
let turn = 0;

async function show() {
  const mine = ++turn;
  await load();
  const hash = location.hash || "#/";
  const [, screen, args] = ROUTES.map(([pattern, made]) => [pattern, made, hash.match(pattern)?.slice(1)]).find(([, , found]) => found) ?? [null, todayScreen, []];
  const parts = app.bundle ? await screen(app, ...args) : welcome();
  if (mine !== turn) return; // something newer is being shown
  main.replaceChildren(h("div", { class: "page narrow column" }, parts));
  if (shown && shown !== hash) {
    scrollTo(0, 0);
    main.querySelector("h1")?.focus();
  }
  shown = hash;
  frame(hash);
}

function frame(hash) {
  sayPage();
  const tabs = document.getElementById("tabs");
  tabs.hidden = !app.bundle;
  for (const tab of tabs.querySelectorAll("a")) {
    const here = tab.hash === hash || (tab.hash !== "#/" && hash.startsWith(tab.hash));
    tab.toggleAttribute("aria-current", here);
    if (here) tab.setAttribute("aria-current", "page");
  }
  document.getElementById("where").textContent = say(app.bundle?.place.name) || t("app");
  menu();
  line();
}

/** The line that is always there: the network, what is sent, how much waits. */
function line() {
  const waiting = app.entries.filter((entry) => entry.status === "waiting").length;
  const undecided = app.entries.filter((entry) => entry.status === "refused" || entry.status === "changed").length;
  const net = !navigator.onLine ? "offline" : { away: "unreachable", expired: "expired", another: "another" }[app.trouble] ?? (app.sending ? "sending" : "online");
  const count = waiting ? t("waiting", { count: waiting }) : !undecided && t("none-waiting");
  const texts = [t(net), app.owner && count, undecided && t("undecided", { count: undecided })].filter(Boolean);
  const signIn = (net === "expired" || net === "another") && h("a", { class: "ds-link", href: settings.signIn }, t("sign-in"));
  const said = texts.join(" · ");
  if (status.dataset.said === said && status.dataset.net === net) return;
  Object.assign(status.dataset, { said, net, color: net === "online" || net === "sending" ? "leaf" : net === "offline" ? "amber" : "kapok" });
  status.replaceChildren(...[icon(net === "online" ? "tick" : "todo"), h("span", {}, said), signIn].filter(Boolean));
  const badge = document.getElementById("count");
  badge.hidden = waiting + undecided === 0;
  badge.textContent = String(waiting + undecided);
}

function toast(text) {
  const note = h("p", { class: "toast", role: "status" }, icon("tick"), text);
  document.querySelector(".toast")?.remove();
  document.body.append(note);
  setTimeout(() => note.remove(), 4000);
}

function welcome() {
  const known = Boolean(app.owner);
  return h("section", { class: "panel stack" },
    h("h1", { class: "ds-heading", "data-size": "md", tabindex: -1 }, t("app")),
    h("p", {}, app.trouble === "no-post" ? t("no-post") : known ? t("not-yet") : t("hello")),
    app.others > 0 && h("p", { class: "ds-alert", "data-color": "info" }, t("kept-here", { count: app.others })),
    !known && app.trouble !== "no-post" && h("a", { class: "ds-button wide", href: settings.signIn }, t("sign-in")));
}

function menu() {
  const sheet = document.querySelector("#menu .sheet");
  const dark = document.documentElement.dataset.colorScheme === "dark" || (document.documentElement.dataset.colorScheme === "auto" && matchMedia("(prefers-color-scheme: dark)").matches);
  const other = language() === "zh" ? ["en", "English"] : ["zh", "中文"];
  sheet.replaceChildren(...[
    app.bundle && h("p", { class: "quiet" }, app.bundle.name, h("br"), say(app.bundle.post)),
    h("button", { class: "plain", lang: other[0], onclick: () => (chooseLanguage(other[0]), show()) }, other[1]),
    h("button", { class: "plain", onclick: () => (chooseScheme(dark ? "light" : "dark"), menu()) }, t("look"), icon(dark ? "sun" : "moon")),
    h("a", { class: "plain", href: settings.board }, t("board"), icon("next")),
    app.owner && h("button", { class: "plain", onclick: signOut }, t("sign-out"), icon("out")),
  ].filter(Boolean));
}

/** Signs out; what waits stays, closed to everybody else. */
async function signOut() {
  await remember("owner", null);
  document.cookie = `${settings.owner}=;path=/;max-age=0;samesite=lax`;
  await caches.delete("field-pictures");
  try {
    const { csrf } = await whoami();
    await fetch(settings.signOut, { method: "POST", headers: { "X-CSRFToken": csrf }, redirect: "manual" });
  } catch {
    // Without a network the session ends by itself; on this phone it is closed already.
  }
  location.hash = "#/";
  await show();
}

// --- sending and fetching ----------------------------------------------------------------------------

let later;
let busy;

/** Sends what waits, then fetches what is new; tries again by itself, less and less often. */
async function send(atOnce = false) {
  clearTimeout(later);
  if (atOnce) app.wait = FIRST_WAIT;
  if (busy) return busy.then(() => send());
  busy = work().finally(() => (busy = undefined));
  return busy;
}

async function work() {
  if (!navigator.onLine) {
    app.trouble = "";
    return again();
  }
  app.trouble = await sendAndFetch();
  if (app.trouble === "away") again();
  else app.wait = FIRST_WAIT;
  if (FORMS.test(location.hash) && app.bundle) {
    await load();
    line();
  } else await show();
}

async function sendAndFetch() {
  const before = await recall("owner");
  const outcome = await sendWaiting();
  if (outcome === "away" || outcome === "expired") return outcome;
  const trouble = await fetchAll();
  if (trouble || (await recall("owner")) === before) return trouble || (outcome === "another" ? outcome : "");
  const after = await sendWaiting(); // somebody else has signed in: what is his or hers goes now
  return after === "sent" ? fetchAll() : after === "idle" ? "" : after;
}

async function fetchAll() {
  try {
    const me = await refresh();
    return me.owner ? "" : "no-post";
  } catch (error) {
    return error.message === "expired" ? (app.owner ? "expired" : "") : "away";
  }
}

function again() {
  app.wait = Math.min(app.wait * 2, LONGEST_WAIT);
  later = setTimeout(() => send(), app.wait * (0.75 + Math.random() / 2));
  navigator.serviceWorker?.ready.then((worker) => worker.sync?.register("outbox")).catch(() => {});
}

// --- start -------------------------------------------------------------------------------------------

async function keepOnPhone() {
  if (!("serviceWorker" in navigator)) return;
  const scope = { scope: "/field", updateViaCache: "none" };
  try {
    await navigator.serviceWorker.register(settings.worker, { ...scope, type: "module" });
  } catch {
    await navigator.serviceWorker.register(`${settings.worker}?plain`, scope).catch(() => {});
  }
  await navigator.storage?.persist?.();
  await navigator.serviceWorker.ready;
  fetchMapLater();
}

chooseScheme(cookie("scheme") || document.documentElement.dataset.colorScheme);
const news = ({ sending }) => {
  if (sending !== undefined) app.sending = sending;
  load().then(line);
};
told(news);
heard(news);
addEventListener("hashchange", show);
addEventListener("online", () => send(true));
addEventListener("offline", line);
document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && Date.now() - (app.at ?? 0) > FRESH && send(true));
document.addEventListener("click", ({ target }) => {
  const sheet = document.getElementById("menu");
  if (sheet.open && (!sheet.contains(target) || target.closest("a"))) sheet.open = false;
});
setInterval(line, 30_000);

await show();
keepOnPhone();
await send(true);
