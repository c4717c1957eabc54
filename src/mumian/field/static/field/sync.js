// Sends what waits, once and only once, and fetches what there is to do. Used by the page and by the service worker.
//
// Every entry has had its own key since it was written; the server does the same key once, however often it is
// sent. So an entry is only given up after an answer that says what became of it.
import { dropEntries, everyone, get, keepEntry, owned, photosOf, put, recall, remember, settle } from "./store.js";

export const ME = "/field/me.json", BUNDLE = "/field/bundle.json", API = "/api/v1";
const SENT_KEPT = 30;
/** What others' acts leave possible: nobody has decided anything about the matter by them. */
const HARMLESS = new Set(["ring", "comment", "merged", "child"]);

const channel = new BroadcastChannel("field");
export const told = (listener) => channel.addEventListener("message", ({ data }) => listener(data));
const listeners = new Set();
export const heard = (listener) => listeners.add(listener);
function tell(news) {
  channel.postMessage(news);
  for (const listener of listeners) listener(news);
}

/** The server is out of reach, or could not answer now: try again later. */
class Away extends Error {}
/** The session is over, or another's. */
class Locked extends Error {}

async function ask(url, options = {}) {
  let answer;
  try {
    answer = await fetch(url, { cache: "no-store", credentials: "same-origin", ...options });
  } catch {
    throw new Away(url);
  }
  if (answer.status >= 500 || answer.status === 429 || answer.status === 408) throw new Away(url);
  if (answer.status === 401) throw new Locked("expired");
  return answer;
}

/** Who is signed in: {owner, post, name, csrf}; the clock of this phone is compared with the server's. */
export async function whoami() {
  const asked = Date.now();
  const answer = await ask(ME);
  if (!answer.ok) throw new Away(ME);
  const me = await answer.json();
  await remember("skew", Date.parse(me.now) - (asked + Date.now()) / 2);
  return me;
}

/** Now, by the server's clock as far as it is known. */
export async function serverNow() {
  return new Date(Date.now() + ((await recall("skew")) ?? 0)).toISOString();
}

/** Fetches what there is to do, if it has changed. Resolves to whose it is. */
export async function refresh() {
  const me = await whoami();
  await remember("owner", me.owner);
  await remember("name", me.name);
  if (!me.owner) return me;
  const kept = await get("bundles", me.owner);
  const answer = await ask(BUNDLE, { headers: kept ? { "If-None-Match": kept.tag } : {} });
  if (answer.status === 200) {
    const data = await answer.json();
    await put("bundles", { owner: data.owner, tag: answer.headers.get("ETag"), data, at: Date.now() });
  } else if (answer.status === 304) {
    await put("bundles", { ...kept, at: Date.now() });
  } else throw new Away(BUNDLE);
  return me;
}

/** Sends all that waits for the one who is signed in. Resolves to "sent", "away", "expired", "another" or "idle". */
export function sendWaiting() {
  return navigator.locks.request("field-outbox", sendAll);
}

async function sendAll() {
  const owner = await recall("owner");
  const waiting = owner ? (await owned("outbox", owner)).filter((entry) => entry.status === "waiting") : [];
  if (waiting.length === 0) return "idle";
  tell({ sending: true });
  try {
    const me = await whoami();
    if (me.owner !== owner) return "another";
    for (const { key } of waiting.sort((one, other) => one.order - other.order)) {
      const entry = await get("outbox", key); // it may have been changed or dropped meanwhile
      if (entry?.status === "waiting") await sendOne(entry, me);
    }
    await forgetOld(owner);
    return "sent";
  } catch (error) {
    if (error instanceof Locked) return error.message;
    if (error instanceof Away) return "away";
    throw error;
  } finally {
    tell({ sending: false });
  }
}

async function sendOne(entry, me) {
  const before = entry.after && (await get("outbox", entry.after));
  if (before && before.status !== "done" && before.action !== "comment") return;
  if (before?.status === "done") {
    entry.matter ??= before.result.id;
    if (entry.seen && entry.seen < before.result.seq) entry.seen = before.result.seq;
    delete entry.after;
  }
  const unready = (await upload(entry, me)) ?? (await findMatters(entry, me));
  if (unready) return refused(entry, unready);
  entry.tried = true;
  await put("outbox", entry); // from here on nobody knows whether it has arrived until there is an answer
  let outcome = await deliver(entry, me);
  if (outcome.reasons?.[0]?.code === "changed" && (await overtake(entry, me))) outcome = await deliver(entry, me);
  if (outcome.done) {
    await settle({ ...entry, status: "done", result: outcome.done, sentAt: Date.now() });
  } else if (outcome.reasons[0]?.code === "changed") {
    await put("outbox", { ...entry, status: "changed", tried: false });
  } else {
    await refused(entry, outcome.reasons);
  }
  tell({ entry: entry.key });
}

async function refused(entry, reasons) {
  await put("outbox", { ...entry, status: "refused", tried: false, reasons });
  tell({ entry: entry.key });
}

const headers = (me) => ({ "X-CSRFToken": me.csrf, "X-Post": String(me.post) });

async function deliver(entry, me) {
  const { key, action, data, at } = entry;
  const files = Object.fromEntries(
    Object.entries(entry.photos).map(([field, photos]) => [field, photos.map((photo) => photo.sha256)]),
  );
  const act = { key, action, at, data: { ...data, ...files } };
  if (entry.opens) Object.assign(act, { procedure: entry.opens, channel: "field" });
  else Object.assign(act, { matter: entry.matter, ...(entry.seen && { seen: entry.seen }) });
  const answer = await ask(`${API}/actions`, {
    method: "POST",
    headers: { ...headers(me), "Content-Type": "application/json" },
    body: JSON.stringify({ acts: [act] }),
  });
  if (answer.status === 403) throw new Locked("another"); // the post is not held by the one who is signed in
  const said = await answer.json().catch(() => ({}));
  if (answer.ok) return said.outcomes[0];
  return { reasons: said.reasons?.length ? said.reasons : [unknown(answer.status, said)] };
}

/** Sends the photos that have not been sent yet. Resolves to reasons where one is not taken. */
async function upload(entry, me) {
  for (const photo of photosOf(entry)) {
    if (photo.sha256) continue;
    const kept = await get("files", photo.id);
    if (!kept) return [{ code: "lost-photo" }];
    const form = new FormData();
    form.append("file", kept.blob, photo.name);
    const answer = await ask(`${API}/files`, { method: "POST", headers: headers(me), body: form });
    if (answer.status === 403) throw new Locked("another");
    const said = await answer.json().catch(() => ({}));
    if (!answer.ok) return [unknown(answer.status, said)];
    photo.sha256 = said.sha256;
    await put("outbox", entry);
  }
}

/** Matters that were named by their number become those the server knows. */
async function findMatters(entry, me) {
  for (const [field, value] of Object.entries(entry.data)) {
    if (!value?.number) continue;
    const answer = await ask(`${API}/matters/by-number/${encodeURIComponent(value.number)}`, { headers: headers(me) });
    if (!answer.ok) return [{ code: "no-number", field }];
    entry.data[field] = (await answer.json()).id;
  }
}

function unknown(status, said) {
  if (!said.reason) return { code: "not-taken", status };
  const text = [said.thing, said.reason, said.cure].filter(Boolean).join(" · ");
  return { code: "problem", zh: text, en: text };
}

/**
 * Somebody has acted since the one who wrote the entry looked. Notes what happened; true where nothing was decided
 * by it, so that the entry holds on the new state as it is.
 */
async function overtake(entry, me) {
  const about = `${API}/matters/${entry.matter}`;
  const [whole, entries] = await Promise.all([
    ask(about, { headers: headers(me) }),
    ask(`${about}/entries?after=${entry.seen}&limit=50`, { headers: headers(me) }),
  ]);
  if (!whole.ok || !entries.ok) return false;
  const matter = await whole.json();
  const since = (await entries.json()).entries;
  const last = since.filter((each) => each.action !== "ring").map((each) => each.at).sort().at(-1);
  entry.now = { seq: matter.seq, state: matter.state_title, may: matter.may.map((each) => each.action), last };
  entry.since = since.map(({ at, title, name, unit, seq, body }) => ({
    seq, at, title, who: name ?? unit?.title ?? "", text: typeof body.data?.reason === "string" ? body.data.reason : "",
  }));
  if (!since.every((each) => HARMLESS.has(each.action)) || !entry.now.may.includes(entry.action)) return false;
  onTop(entry);
  await put("outbox", entry);
  return true;
}

/** Puts an entry on the state the matter has come to: it cannot have been done before what led there. */
export function onTop(entry) {
  entry.seen = entry.now.seq;
  if (entry.now.last && entry.now.last > entry.at) entry.at = entry.now.last;
}

async function forgetOld(owner) {
  const sent = (await owned("outbox", owner)).filter((entry) => entry.status === "done");
  const needed = new Set((await everyone("outbox")).map((entry) => entry.after));
  const old = sent.sort((one, other) => other.sentAt - one.sentAt).slice(SENT_KEPT);
  await dropEntries(old.filter((entry) => !needed.has(entry.key)));
}

/** Writes an entry into the outbox, behind what already waits for the same matter. */
export async function enqueue(entry, photos, draft) {
  const before = (await owned("outbox", entry.owner))
    .filter((each) => each.status !== "done" && each.key !== entry.key && each.matter && each.matter === entry.matter)
    .sort((one, other) => one.order - other.order)
    .at(-1);
  const whole = { status: "waiting", tried: false, order: Date.now(), at: await serverNow(), ...entry };
  if (before && !entry.order) whole.after = before.key;
  await keepEntry(whole, photos, draft);
  tell({ entry: entry.key });
  return whole;
}
