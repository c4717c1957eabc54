// The screens: what is due today, one's area, one matter, the form of an action, and what waits to be sent.
import { clockBar, h, icon, stateTag, sure } from "./dom.js";
import { buildForm } from "./form.js";
import { drawMap } from "./map.js";
import { dropEntries, get, photosOf, put, remove } from "./store.js";
import { enqueue, onTop } from "./sync.js";
import { isToday, moment, say, settings, t, today } from "./words.js";

// --- what the lists say ------------------------------------------------------------------------------

const due = (matter) => (matter.clocks ?? []).map((clock) => clock.due).sort()[0];
const byDue = (one, other) => (due(one) ?? "9").localeCompare(due(other) ?? "9");

/** The matters as they are once all that waits has been sent: what is done here shows at once. */
export function asActed({ bundle, entries }) {
  return bundle.matters.map((matter) => {
    const own = entries.filter((entry) => entry.matter === matter.id && entry.status !== "done");
    const state = own.filter((entry) => entry.status === "waiting" && entry.to).at(-1)?.to ?? matter.state;
    const moved = state !== matter.state;
    const can = matter.may[state] ?? [];
    return { ...matter, state, own, can, yours: moved ? can.length > 0 && !isFinal(bundle, matter, state) : matter.yours, moved };
  });
}

const procedureOf = (bundle, matter) => bundle.procedures[matter.procedure] ?? { states: {}, actions: {}, form: {} };
const stateOf = (bundle, matter) => procedureOf(bundle, matter).states[matter.state] ?? { title: matter.state, tone: "doing", colour: "river" };
const isFinal = (bundle, matter, state) => procedureOf(bundle, matter).states[state]?.final;

function card(bundle, matter) {
  const clock = (matter.clocks ?? []).toSorted?.((one, other) => one.due.localeCompare(other.due))[0] ?? matter.clocks?.[0];
  const waiting = matter.own.filter((entry) => entry.status === "waiting").at(-1);
  return h("li", {}, h("a", { class: "card", href: `#/matter/${matter.id}` },
    h("strong", {}, say(matter.title)),
    h("span", { class: "tags" }, stateTag(stateOf(bundle, matter)), h("span", { class: "quiet" }, icon("pin"), say(matter.address) || last(say(matter.where)))),
    waiting ? h("span", { class: "ds-tag", "data-color": "amber" }, icon("todo"), t("yet", { action: say(waiting.title) })) : clock && !matter.moved && clockBar(clock)));
}

const last = (chain) => chain.split(" › ").at(-1);
const cards = (bundle, matters) => h("ul", { class: "cards" }, matters.map((matter) => card(bundle, matter)));
const section = (title, ...content) => h("section", { class: "column" }, h("h2", { class: "ds-heading", "data-size": "2xs" }, title), content);
const heading = (text, ...more) => h("header", { class: "title" }, h("h1", { class: "ds-heading", "data-size": "md", tabindex: -1 }, text), more);
const empty = (text) => h("p", { class: "panel empty quiet" }, text);

const asOf = ({ at }) => h("p", { class: "quiet" }, t("as-of", { when: moment(at) }));

// --- today -------------------------------------------------------------------------------------------

export function todayScreen(app) {
  const { bundle, entries } = app;
  const mine = asActed(app).filter((matter) => matter.yours && !isFinal(bundle, matter, matter.state)).sort(byDue);
  const now = mine.filter((matter) => due(matter) && isToday(due(matter)));
  const later = mine.filter((matter) => due(matter) && !isToday(due(matter)));
  const open = mine.filter((matter) => !due(matter));
  return [
    heading(t("today"), h("p", { class: "quiet" }, today())),
    undecidedNotice(entries),
    ...[[t("due-now"), now], [t("later"), later], [t("no-due"), open]].filter(([, list]) => list.length).map(([title, list]) => section(title, cards(bundle, list))),
    mine.length === 0 && empty(t("all-done")),
    asOf(app),
  ];
}

function undecidedNotice(entries) {
  const count = entries.filter((entry) => entry.status === "refused" || entry.status === "changed").length;
  return count > 0 && h("a", { class: "ds-alert notice", "data-color": "warning", href: "#/outbox" }, t("undecided", { count }));
}

// --- one's area --------------------------------------------------------------------------------------

export function areaScreen(app) {
  const { bundle } = app;
  const matters = asActed(app).sort(byDue);
  const [mine, others] = [matters.filter((each) => each.yours), matters.filter((each) => !each.yours)];
  const sheet = h("div", { class: "map-sheet", hidden: true });
  const button = h("button", { class: "ds-button", "data-variant": "secondary", "aria-expanded": "false", onclick: async () => {
    sheet.hidden = !sheet.hidden;
    button.setAttribute("aria-expanded", String(!sheet.hidden));
    if (sheet.hidden || sheet.childElementCount) return;
    const map = await drawMap(sheet, bundle, matters.flatMap((matter) => dot(bundle, matter)));
    if (!map) sheet.replaceChildren(h("p", { class: "empty quiet" }, t("no-map")));
  } }, icon("pin"), t("on-map"));
  return [
    heading(say(bundle.place.name) || t("grid"), h("p", { class: "quiet" }, say(bundle.place.chain))),
    bundle.sheet && button,
    sheet,
    mine.length > 0 && section(t("yours"), cards(bundle, mine)),
    others.length > 0 && section(t("others"), cards(bundle, others)),
    matters.length === 0 && empty(t("nothing-open")),
    bundle.more && h("p", { class: "quiet" }, t("more", { count: bundle.matters.length })),
    asOf(app),
  ];
}

function dot(bundle, matter) {
  if (matter.lon === undefined) return [];
  const end = due(matter);
  const colour = end && Date.parse(end) < Date.now() ? "kapok" : end && isToday(end) ? "amber" : "leaf";
  return [{ type: "Feature", properties: { colour, title: say(matter.title), url: `#/matter/${matter.id}` }, geometry: { type: "Point", coordinates: [matter.lon, matter.lat] } }];
}

// --- one matter --------------------------------------------------------------------------------------

export function matterScreen(app, id) {
  const { bundle, entries } = app;
  const matter = asActed(app).find((each) => each.id === id);
  const own = entries.filter((entry) => entry.matter === id && entry.status !== "done");
  if (!matter) return [heading(t("gone")), own.map((entry) => entryCard(app, entry)), h("p", {}, h("a", { class: "ds-link", href: "#/" }, t("back")))];
  const procedure = procedureOf(bundle, matter);
  const acts = matter.can.filter((name) => procedure.actions[name]);
  const settled = isFinal(bundle, matter, matter.state);
  return [
    h("section", { class: "panel head" },
      h("p", { class: "quiet" }, `${say(procedure.title)} · `, h("span", { translate: "no" }, matter.number)),
      h("h1", { class: "ds-heading", "data-size": "sm", tabindex: -1 }, say(matter.title)),
      h("p", { class: "tags" }, stateTag(stateOf(bundle, matter)), say(matter.kind) && h("span", {}, say(matter.kind)), matter.reports && h("span", {}, icon("people"), t("reports", { count: matter.reports }))),
      h("p", {}, icon("pin"), " ", say(matter.where), matter.address ? ` · ${matter.address}` : ""),
      matter.text && matter.text !== matter.title && h("p", { class: "text" }, matter.text)),
    own.map((entry) => entryCard(app, entry)),
    h("section", { class: `panel next${matter.yours && !settled ? "" : " waiting"}` },
      h("h2", { class: "ds-heading", "data-size": "2xs" }, settled || !acts.length ? t("nothing-to-do") : matter.yours ? t("next") : t("can")),
      !matter.yours && !matter.moved && matter.turn && h("p", {}, t("with", { who: say(matter.turn) })),
      h("div", { class: "acts" }, acts.map((name, index) => actButton(app, matter, procedure, name, index)))),
    !matter.moved && matter.clocks && h("section", { class: "panel clocks" }, h("h2", { class: "ds-heading", "data-size": "2xs" }, t("limits")), matter.clocks.map(explained)),
    matter.files && h("section", { class: "panel" }, h("h2", { class: "ds-heading", "data-size": "2xs" }, t("photos")), pictures(matter.files)),
    h("section", { class: "panel" }, h("h2", { class: "ds-heading", "data-size": "2xs" }, t("done")), timeline(matter.events ?? [])),
    commentForm(app, matter),
    h("p", {}, h("a", { class: "ds-link", href: settings.matter.replace("NUMBER", matter.number) }, t("whole"))),
  ];
}

const VARIANTS = { primary: "primary", quiet: "tertiary" };

function actButton(app, matter, procedure, name, index) {
  const action = procedure.actions[name];
  const look = { class: "ds-button", "data-variant": VARIANTS[action.tone] ?? (index === 0 ? "primary" : "secondary"), ...(action.tone === "danger" && { "data-color": "danger" }) };
  if (action.asks.length) return h("a", { ...look, href: `#/do/${matter.id}/${name}` }, say(action.title));
  return h("button", { ...look, onclick: async ({ currentTarget }) => {
    currentTarget.disabled = true; // two touches are one act
    await enqueue(entryFor(app, matter, name, {}), []);
    app.acted();
  } }, say(action.title));
}

function explained(clock) {
  return h("details", { class: "explained" },
    h("summary", {}, h("span", { class: "name" }, say(clock.title), " ", h("span", { class: "quiet" }, moment(clock.due))), clockBar({ ...clock, title: null })),
    h("p", { class: "quiet" }, t("why")), h("ul", {}, clock.why.map((step) => h("li", {}, say(step)))));
}

const pictures = (files) => h("ul", { class: "files" }, files.map((file) =>
  h("li", {}, h("a", { class: "ds-link", href: file.url }, file.thumb ? h("img", { src: file.thumb, alt: `${say(file.title)}: ${say(file.name)}`, width: 96, height: 96, loading: "lazy" }) : [icon("file"), say(file.name)]))));

const timeline = (events) => h("ol", { class: "timeline" }, events.map((event) =>
  h("li", {}, h("time", { datetime: event.at }, moment(event.at)),
    h("div", {},
      h("p", {}, h("strong", {}, say(event.title)), " ", h("span", { class: "quiet" }, say(event.who))),
      event.text && h("p", { class: "text" }, say(event.text)),
      event.facts && h("dl", { class: "facts" }, event.facts.map(([name, value]) => [h("dt", {}, say(name)), h("dd", {}, say(value))]))))));

function commentForm(app, matter) {
  const text = h("textarea", { class: "ds-input", id: "comment", rows: 2 });
  return h("form", { class: "panel comments", novalidate: true, onsubmit: async (event) => {
    event.preventDefault();
    if (!text.value.trim()) return text.focus();
    const entry = { ...entryFor(app, matter, "comment", { text: text.value.trim() }), title: both("comment"), seen: undefined };
    text.value = "";
    await enqueue(entry, []);
    app.acted();
  } }, h("div", { class: "ds-field" }, h("label", { class: "ds-label", for: "comment" }, t("write")), text),
    h("button", { class: "ds-button", "data-variant": "secondary" }, t("write-it")));
}

const both = (name) => {
  const texts = JSON.parse(document.getElementById("texts").textContent);
  return { zh: texts.zh[name], en: texts.en[name] };
};

function entryFor(app, matter, action, data) {
  const spec = procedureOf(app.bundle, matter).actions[action];
  return {
    key: crypto.randomUUID(), owner: app.bundle.owner, matter: matter.id, number: matter.number, about: matter.title,
    procedure: matter.procedure, action, title: spec?.title, to: spec?.to, state: matter.state, seen: matter.seq, data, photos: {},
  };
}

// --- a form ------------------------------------------------------------------------------------------

/** The form of an action on a matter. */
export async function actScreen(app, id, action) {
  const matter = asActed(app).find((each) => each.id === id);
  if (!matter?.can.includes(action)) return matterScreen(app, id);
  return formScreen(app, { entry: entryFor(app, matter, action, {}), matter, draft: `${app.bundle.owner}:${id}:${action}`, back: `#/matter/${id}` });
}

/** The form with which a matter is opened; where there are several, which one is asked first. */
export async function reportScreen(app, chosen) {
  const { bundle } = app;
  const opening = bundle.opens.find((each) => each.procedure === chosen?.replace(":", "/")) ?? (bundle.opens.length === 1 ? bundle.opens[0] : null);
  if (!opening) {
    return [heading(t("what")), h("div", { class: "acts stack" }, bundle.opens.map((each) =>
      h("a", { class: "ds-button wide", "data-variant": "secondary", href: `#/report/${each.procedure.replace("/", ":")}` }, say(bundle.procedures[each.procedure].title))))];
  }
  const { procedure, action } = opening;
  const spec = bundle.procedures[procedure].actions[action];
  const entry = { key: crypto.randomUUID(), owner: bundle.owner, opens: procedure.split("/")[0], procedure, action, title: spec.title, data: {}, photos: {} };
  return formScreen(app, { entry, draft: `${bundle.owner}:open:${procedure}`, back: "#/outbox" });
}

/** What was not done, to be changed and sent again. */
export async function editScreen(app, key) {
  const entry = app.entries.find((each) => each.key === key);
  const matter = entry?.matter && app.bundle.matters.find((each) => each.id === entry.matter);
  if (!entry || entry.tried || !app.bundle.procedures[entry.procedure]?.actions[entry.action]) return outboxScreen(app);
  const said = (entry.reasons ?? []).map(reasonWords).map(({ field, said }) => ({ field, said }));
  return formScreen(app, { entry, matter, back: "#/outbox", faults: said });
}

async function formScreen(app, { entry, matter, draft, back, faults = [] }) {
  const { bundle } = app;
  const procedure = bundle.procedures[entry.procedure];
  const action = procedure.actions[entry.action];
  const written = draft && (await get("drafts", draft));
  const known = written ?? { data: entry.data, photos: await withBlobs(entry), looked: entry.looked };
  const order = { files: 0, place: 1 };
  const asks = entry.opens ? action.asks.toSorted?.(([one], [other]) => (order[procedure.form[one].type] ?? 2) - (order[procedure.form[other].type] ?? 2)) ?? action.asks : action.asks;
  let saving = Promise.resolve();
  const form = buildForm(asks, known, { bundle, procedure, matter, draft: draft && (({ data, photos, looked }) => {
    saving = saving.then(() => put("drafts", { id: draft, owner: bundle.owner, data, photos, looked }));
  }) });
  const summary = h("div", { role: "alert" });
  const complain = (found) => {
    form.complain(found);
    const general = found.filter((each) => !asks.some(([name]) => name === each.field));
    summary.replaceChildren(...(found.length ? [h("div", { class: "ds-alert", "data-color": "danger" }, h("h2", { class: "ds-heading", "data-size": "2xs" }, t("look-again")), general.map((each) => h("p", {}, each.said)))] : []));
  };
  const button = h("button", { class: "ds-button", ...(action.tone === "danger" && { "data-color": "danger" }) }, say(action.title));
  const element = h("form", { class: "panel form", novalidate: true, onsubmit: async (event) => {
    event.preventDefault();
    const found = form.read();
    if (found.faults.length) return complain(found.faults);
    button.disabled = true;
    await saving;
    await enqueue(toSend(entry, found), fresh(found.photos), draft);
    app.acted(back);
  } },
    h("header", {}, matter && h("p", { class: "quiet" }, matter.number, " · ", say(matter.title)), h("h1", { class: "ds-heading", "data-size": "sm", tabindex: -1 }, say(action.title)), say(action.said) && h("p", { class: "quiet" }, say(action.said))),
    written && h("p", { class: "quiet", role: "status" }, t("draft")), summary, form.element,
    h("div", { class: "acts" }, button, h("a", { class: "ds-button", "data-variant": "tertiary", href: back, onclick: () => draft && remove("drafts", draft) }, t("cancel"))));
  if (faults.length) queueMicrotask(() => complain(faults));
  return [element];
}

/** The entry with its answers. One that was refused goes on top of what has happened since, and as of now if it was too old. */
function toSend(entry, { data, photos, looked }) {
  const whole = { ...entry, data, looked, status: "waiting", tried: false, photos: Object.fromEntries(Object.entries(photos).map(([field, list]) => [field, list.map(({ id, name, sha256 }) => ({ id, name, sha256 }))])) };
  if (entry.status === "changed" && entry.now) onTop(whole);
  if (entry.reasons?.some((reason) => reason.code === "untimely")) delete whole.at;
  delete whole.reasons;
  return whole;
}

const fresh = (photos) => Object.values(photos).flat().filter((photo) => photo.blob).map(({ id, name, blob }) => ({ id, name, blob }));

async function withBlobs(entry) {
  const found = {};
  for (const [field, photos] of Object.entries(entry.photos ?? {})) {
    found[field] = await Promise.all(photos.map(async (photo) => ({ ...photo, blob: (await get("files", photo.id))?.blob })));
  }
  return found;
}

// --- the outbox --------------------------------------------------------------------------------------

export function outboxScreen(app) {
  const { entries } = app;
  const waiting = entries.filter((entry) => entry.status === "waiting");
  const undecided = entries.filter((entry) => entry.status === "refused" || entry.status === "changed");
  const sent = entries.filter((entry) => entry.status === "done").sort((one, other) => other.sentAt - one.sentAt).slice(0, 20);
  return [
    heading(t("outbox"), waiting.length > 0 && h("button", { class: "ds-button", onclick: () => app.send(true) }, t("send-now"))),
    undecided.map((entry) => entryCard(app, entry)),
    waiting.map((entry) => entryCard(app, entry)),
    !waiting.length && !undecided.length && empty(t("empty-outbox")),
    sent.length > 0 && section(t("sent-lately"), h("ul", { class: "sent" }, sent.map((entry) =>
      h("li", {}, icon("done"), h("span", {}, h("strong", {}, say(entry.title)), " ", say(entry.about), " ", h("span", { class: "quiet" }, h("span", { translate: "no" }, entry.result.number), ` · ${moment(entry.at)}`)))))),
    h("p", { class: "quiet" }, t("only-here")),
  ];
}

const TONES = { waiting: ["neutral", "todo", "in-outbox"], refused: ["danger", "void", "is-refused"], changed: ["warning", "people", "is-changed"] };

function entryCard(app, entry) {
  const [colour, shape, said] = TONES[entry.status];
  const before = entry.after && app.entries.find((each) => each.key === entry.after);
  const blocked = before && before.status !== "done" && before.action !== "comment";
  return h("section", { class: "ds-alert entry", "data-color": colour, "data-entry": entry.key },
    h("h2", { class: "ds-heading", "data-size": "2xs" }, icon(shape), ` ${t(said)}: ${say(entry.title)}`),
    h("p", { class: "quiet" }, [say(entry.about) || entry.data.what, t("done-at", { when: moment(entry.at) })].filter(Boolean).join(" · "), blocked ? ` · ${t("behind")}` : ""),
    (entry.reasons ?? []).filter(() => entry.status === "refused").map((reason) => h("p", {}, reasonWords(reason).said)),
    entry.status === "changed" && happened(entry),
    answers(app, entry),
    pile(entry),
    h("div", { class: "acts" }, choices(app, entry)),
    entry.tried && h("p", { class: "quiet" }, t("unclear")));
}

function happened(entry) {
  return h("div", {},
    entry.now && h("p", {}, t("now-is", { state: say(entry.now.state) })),
    entry.since?.length > 0 && [h("p", {}, t("meanwhile")), h("ul", {}, entry.since.map((event) =>
      h("li", {}, moment(event.at), " ", h("strong", {}, say(event.title)), say(event.who) && ` · ${say(event.who)}`, event.text && `：${event.text}`)))],
    entry.now && !entry.now.may.includes(entry.action) && h("p", {}, t("no-more")));
}

/** What was written, so that nobody has to remember it. */
function answers(app, entry) {
  const form = app.bundle.procedures[entry.procedure]?.form ?? {};
  const texts = Object.entries(entry.data).filter(([name, value]) => typeof value === "string" && (form[name]?.type === "text" || name === "text"));
  return texts.length > 0 && h("dl", { class: "facts" }, texts.map(([name, value]) => [h("dt", {}, say(form[name]?.title) || t("comment")), h("dd", { class: "text" }, value)]));
}

function pile(entry) {
  const photos = photosOf(entry);
  const list = h("ul", { class: "previews" });
  Promise.all(photos.map((photo) => get("files", photo.id))).then((kept) => list.append(...kept.filter((each) => each?.blob).map((each) => {
    const image = h("img", { alt: each.name, src: URL.createObjectURL(each.blob) });
    image.addEventListener("load", () => URL.revokeObjectURL(image.src), { once: true });
    return h("li", {}, image);
  })));
  return photos.length > 0 && list;
}

function choices(app, entry) {
  if (entry.tried) return [];
  const spec = app.bundle.procedures[entry.procedure]?.actions[entry.action];
  const again = entry.status === "changed" && entry.now?.may.includes(entry.action);
  const edit = spec?.asks.length > 0 && (entry.status !== "changed" || again);
  return [
    again && h("button", { class: "ds-button", onclick: async () => {
      await enqueue(toSend(entry, { data: entry.data, looked: entry.looked, photos: entry.photos }), []);
      app.acted();
    } }, t("again")),
    entry.status === "refused" && !edit && h("button", { class: "ds-button", onclick: async () => {
      await enqueue(toSend(entry, { data: entry.data, looked: entry.looked, photos: entry.photos }), []);
      app.acted();
    } }, t("send-now")),
    edit && h("a", { class: "ds-button", "data-variant": "secondary", href: `#/edit/${entry.key}` }, t("edit")),
    h("button", { class: "ds-button", "data-variant": "tertiary", "data-color": "danger", onclick: () => drop(app, entry) }, t("drop")),
  ];
}

async function drop(app, entry) {
  const gone = [entry];
  for (const each of app.entries) if (gone.some((other) => other.key === each.after) && each.status !== "done") gone.push(each);
  const more = gone.length > 1 ? ` ${t("drop-more", { count: gone.length - 1 })}` : "";
  if (gone.some((each) => each.tried) || !(await sure(t("drop-sure") + more, t("drop")))) return;
  await dropEntries(gone);
  app.changed();
}

/** A reason in words: the server's own, or one the phone itself found. */
function reasonWords(reason) {
  const own = { "lost-photo": "lost-photo", "no-number": "no-number", "not-taken": "not-taken" }[reason.code];
  return { field: reason.field, said: own ? t(own, reason) : say({ zh: reason.zh, en: reason.en }) };
}
