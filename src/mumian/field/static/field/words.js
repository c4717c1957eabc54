// Texts and times in the reader's language, also without a network: both languages lie in the page.

const texts = JSON.parse(document.getElementById("texts").textContent);
export const settings = JSON.parse(document.getElementById("settings").textContent);
const CODES = { zh: "zh-hans", en: "en" };
const MINUTE = 60_000, HOUR = 60 * MINUTE, DAY = 24 * HOUR;

export const cookie = (name) =>
  document.cookie.split("; ").find((pair) => pair.startsWith(`${name}=`))?.slice(name.length + 1) ?? "";
const keepCookie = (name, value) => (document.cookie = `${name}=${value};path=/;max-age=31536000;samesite=lax`);

let chosen = (cookie("django_language") || document.documentElement.lang).startsWith("en") ? "en" : "zh";
export const language = () => chosen;

export function chooseLanguage(key) {
  chosen = key;
  keepCookie("django_language", CODES[key]);
}

export function chooseScheme(scheme) {
  document.documentElement.dataset.colorScheme = scheme;
  if (cookie("scheme") !== scheme) keepCookie("scheme", scheme);
}

/** A text of the app by its name, with its values put in. */
export function t(name, values = {}) {
  return texts[chosen][name].replace(/%\((\w+)\)s/g, (_all, key) => values[key] ?? "");
}

/** A text that came with the data: the same in all languages, or one in each. */
export function say(text) {
  if (text && typeof text === "object") return text[chosen] ?? text.zh ?? text.en ?? "";
  return text ?? "";
}

let zone;
export const useZone = (name) => (zone = name);

const part = (options, date) =>
  new Intl.DateTimeFormat(chosen === "zh" ? "zh-CN" : "en-GB", { timeZone: zone, ...options }).format(date);
const dayOf = (date) => new Intl.DateTimeFormat("en-CA", { timeZone: zone }).format(date);

/** A time as one would say it: 今天 18:00, 明天 10:00, else its date. */
export function moment(iso) {
  const date = new Date(iso), now = Date.now();
  const time = part({ hour: "2-digit", minute: "2-digit", hourCycle: "h23" }, date);
  const near = { [dayOf(now)]: "today", [dayOf(now + DAY)]: "tomorrow", [dayOf(now - DAY)]: "yesterday" }[dayOf(date)];
  const year = chosen === "en" || dayOf(date).slice(0, 4) !== dayOf(now).slice(0, 4) ? { year: "numeric" } : {};
  const day = near ? t(near) : part({ month: chosen === "zh" ? "long" : "short", day: "numeric", ...year }, date);
  return t("at-day", { day, time });
}

export const isToday = (iso) => dayOf(new Date(iso)) <= dayOf(Date.now());
export const today = () => part({ month: "long", day: "numeric", weekday: "long" }, Date.now());

/** A length of time in whole minutes, hours or days. */
export function span(length) {
  const [name, unit] = length >= 2 * DAY ? ["days", DAY] : length >= HOUR ? ["hours", HOUR] : ["minutes", MINUTE];
  return t(name, { count: Math.floor(Math.abs(length) / unit) });
}

/** Says the texts of the page itself in the language chosen. */
export function sayPage() {
  document.documentElement.lang = CODES[chosen];
  document.title = t("app");
  for (const element of document.querySelectorAll("[data-t]")) element.textContent = t(element.dataset.t);
  document.getElementById("tabs").setAttribute("aria-label", t("main"));
}
