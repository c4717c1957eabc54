// The form of an action, made from its definition as it was taken along: every sort of answer the engine knows.
import { h, icon } from "./dom.js";
import { say, t } from "./words.js";
import { placeField } from "./place.js";

const MOST_FILES = 9, MOST_BYTES = 20 * 1024 * 1024, LONGEST_SIDE = 2560, SHORT = 7;

/**
 * Builds the fields an action asks for. `known`: {data, photos} written before; `context`: {bundle, procedure, matter,
 * draft(values)}. Returns {element, read(), complain(reasons)}; read() gives {data, photos, faults}.
 */
export function buildForm(asks, known, context) {
  const fields = asks.map(([name, required]) => {
    const spec = context.procedure.form[name];
    const frame = { name, spec, required, title: say(spec.title), id: `f-${name}` };
    return { ...frame, ...(MAKE[spec.type] ?? line)(frame, known, context) };
  });
  const read = () => {
    const found = { data: {}, photos: {}, looked: {}, faults: [] };
    for (const field of fields) {
      const { value, photos, looked, fault } = field.read();
      if (looked) found.looked[field.name] = looked;
      if (photos?.length) found.photos[field.name] = photos;
      else if (value !== undefined) found.data[field.name] = value;
      if (fault) found.faults.push({ field: field.name, said: fault });
      else if (field.required && value === undefined && !photos?.length) found.faults.push({ field: field.name, said: t("needed") });
    }
    return found;
  };
  const complain = (faults) => {
    for (const field of fields) {
      const own = faults.filter((fault) => fault.field === field.name);
      field.element.querySelector(".faults")?.remove();
      if (own.length) {
        field.element.append(h("p", { class: "ds-validation-message faults", id: `${field.id}-fault` }, own.map((each) => each.said).join(" ")));
        mark(field.element, field.id);
      } else unmark(field.element);
    }
    const first = fields.find((field) => faults.some((fault) => fault.field === field.name));
    first?.element.querySelector("input, textarea, button, select")?.focus();
  };
  const element = h("div", { class: "fields" }, fields.map((field) => field.element));
  const note = () => context.draft?.(read());
  element.addEventListener("input", note);
  element.addEventListener("change", note);
  return { element, read, complain };
}

const controls = (element) => element.querySelectorAll("input:not([type=file]):not([type=search]), textarea");
function mark(element, id) {
  for (const control of controls(element)) {
    control.setAttribute("aria-invalid", "true");
    control.setAttribute("aria-describedby", `${id}-fault`);
  }
}
function unmark(element) {
  for (const control of controls(element)) {
    control.removeAttribute("aria-invalid");
    control.removeAttribute("aria-describedby");
  }
}

const optional = (frame) => !frame.required && h("span", { class: "quiet" }, ` ${t("optional")}`);
const help = (frame) => frame.spec.help && h("p", { class: "quiet" }, say(frame.spec.help));
const labelled = (frame, ...content) =>
  h("div", { class: "ds-field" }, h("label", { class: "ds-label", for: frame.id }, frame.title, optional(frame)), help(frame), content);
const grouped = (frame, ...content) =>
  h("fieldset", { class: "ds-fieldset", id: frame.id }, h("legend", {}, frame.title, optional(frame)), help(frame), content);

// --- in one line or several --------------------------------------------------------------------------

function line(frame, known, { bundle, matter }) {
  const { spec, id } = frame;
  if (spec.checklist && matter?.lists?.[frame.name]) return checklist(frame, known, matter.lists[frame.name]);
  const long = spec.type === "text" && (!spec.max || spec.max > 120);
  const type = { date: "date", datetime: "datetime-local" }[spec.type] ?? "text";
  const inputmode = { integer: "numeric", decimal: "decimal", money: "decimal" }[spec.type];
  const given = known.data[frame.name];
  const value = given === undefined ? "" : spec.type === "datetime" ? inZone(given, bundle.offset) : String(given);
  const control = long
    ? h("textarea", { class: "ds-input", id, rows: 4, value })
    : h("input", { class: `ds-input${inputmode ? " short" : ""}`, id, type, inputmode, autocomplete: "off", value });
  const element = labelled(frame, spec.type === "money" ? h("span", { class: "with-unit" }, control, t("yuan")) : control);
  return { element, read: () => written(control.value.trim(), spec, bundle) };
}

function written(text, spec, bundle) {
  if (!text) return {};
  switch (spec.type) {
    case "integer":
      return /^-?\d+$/.test(text) ? bounded(Number(text), spec) : { value: text, fault: t("whole-number") };
    case "decimal":
    case "money": {
      const plain = text.replaceAll(",", "");
      return /^-?\d+(\.\d+)?$/.test(plain) ? { ...bounded(Number(plain), spec), value: plain } : { value: text, fault: t("a-number") };
    }
    case "datetime":
      return { value: `${text}:00${bundle.offset.slice(0, 3)}:${bundle.offset.slice(3)}` };
    case "text":
      return { value: text, fault: spec.max && text.length > spec.max && t("too-long", { count: text.length - spec.max }) };
    default:
      return { value: text };
  }
}

function bounded(value, { min, max }) {
  if (min !== undefined && value < min) return { value, fault: t("at-least", { bound: min }) };
  if (max !== undefined && value > max) return { value, fault: t("at-most", { bound: max }) };
  return { value };
}

/** A moment as the city's clock shows it, for a field of date and time. */
function inZone(iso, offset) {
  const minutes = (Number(offset.slice(1, 3)) * 60 + Number(offset.slice(3))) * (offset[0] === "-" ? -1 : 1);
  return new Date(Date.parse(iso) + minutes * 60_000).toISOString().slice(0, 16);
}

// --- to choose from ----------------------------------------------------------------------------------

function option(frame, kind, [value, title], chosen, number) {
  const id = `${frame.id}-${number}`;
  return h("div", { class: "ds-field option" },
    h("input", { class: "ds-input", type: kind, id, name: frame.id, value: String(value), checked: chosen.has(String(value)) }),
    h("label", { class: "ds-label", for: id }, say(title)));
}

/** One or several of groups [{title, options: [[value, title]]}]; what is likely stands first. */
function pick(frame, known, groups, { several = false, whole = false, likely } = {}) {
  const given = known.data[frame.name] ?? (likely && !several ? likely : undefined);
  const chosen = new Set([given ?? []].flat().map(String));
  const kind = several ? "checkbox" : "radio";
  const all = groups.flatMap((group) => group.options);
  const suggested = likely && all.find(([value]) => String(value) === String(likely));
  let number = 0;
  const shown = (each) => option(frame, kind, each, chosen, number++);
  const lists = groups.map((group) => {
    const rest = group.options.filter((each) => each !== suggested);
    if (!say(group.title) || groups.length === 1) return rest.map(shown);
    const open = rest.some(([value]) => chosen.has(String(value)));
    return h("details", { open }, h("summary", {}, say(group.title), " ", h("span", { class: "quiet" }, String(rest.length))), rest.map(shown));
  });
  const many = all.length > SHORT;
  const options = h("div", { class: `options${many ? " many" : ""}` }, lists);
  const none = h("p", { class: "quiet", role: "status", hidden: true }, t("nothing-matches"));
  const element = grouped(frame,
    suggested && h("div", { class: "suggested" }, h("p", { class: "quiet" }, t("suggested")), shown(suggested)),
    many && search(options, none), options, many && none);
  element.classList.add("pick");
  const cast = (value) => (whole ? Number(value) : value);
  return {
    element,
    read: () => {
      const values = [...element.querySelectorAll(`input[name="${frame.id}"]:checked`)].map((each) => cast(each.value));
      return values.length ? { value: several ? values : values[0] } : {};
    },
  };
}

function search(options, none) {
  const box = h("input", { class: "ds-input", type: "search", "aria-label": t("search"), placeholder: t("search"), autocomplete: "off" });
  box.addEventListener("input", (event) => {
    event.stopPropagation(); // it is no answer
    const words = box.value.trim().toLowerCase();
    for (const each of options.querySelectorAll(".option")) each.hidden = !each.textContent.toLowerCase().includes(words);
    for (const group of options.querySelectorAll("details")) {
      group.hidden = !group.querySelector(".option:not([hidden])");
      group.open = Boolean(words) && !group.hidden;
    }
    none.hidden = Boolean(options.querySelector(".option:not([hidden])"));
  });
  return box;
}

const choice = (several) => (frame, known) => pick(frame, known, [{ title: "", options: frame.spec.choices }], { several });
const kind = (frame, known, { bundle, matter }) =>
  pick(frame, { data: { [frame.name]: matter?.category, ...known.data } }, bundle.kinds[frame.spec.catalogue] ?? [], { likely: matter?.likely });

const unit = (several) => (frame, known, { bundle, matter }) => {
  const place = matter?.place ?? bundle.place.code;
  const groups = new Map();
  for (const each of bundle.units) {
    if (!place.startsWith(each.place)) continue;
    if (!groups.has(each.place)) groups.set(each.place, { title: each.at, options: [] });
    groups.get(each.place).options.push([each.value, each.title]);
  }
  const listed = [...groups.values()];
  return pick(frame, known, listed, { several, whole: true });
};

const person = (frame, known, { bundle }) => pick(frame, known, [{ title: "", options: bundle.people }]);

function yesno(frame, known) {
  const given = known.data[frame.name];
  const said = given === undefined ? {} : { data: { [frame.name]: given ? "yes" : "no" } };
  const made = pick(frame, { data: {}, ...said }, [{ title: "", options: [["yes", t("yes")], ["no", t("no")]] }]);
  return { element: made.element, read: () => {
    const { value } = made.read();
    return value ? { value: value === "yes" } : {};
  } };
}

/** What is to be looked at, each in order or not; the answer is the numbers of what is not. */
function checklist(frame, known, items) {
  const given = known.data[frame.name];
  const failed = new Set(String(given ?? "").match(/\d+/g) ?? []);
  const fine = new Set(known.looked?.[frame.name] ?? []);
  const rows = items.map((item, index) => {
    const number = String(index + 1), name = `${frame.id}-${number}`;
    const box = (value, title, on) => [
      h("input", { class: "ds-input", type: "radio", id: `${name}-${value}`, name, value, checked: on }),
      h("label", { class: "ds-label", for: `${name}-${value}` }, title)];
    return h("fieldset", { class: "item" },
      h("legend", {}, `${number}. ${say(item)}`),
      h("div", { class: "ds-field" }, box("ok", t("ok"), fine.has(number))),
      h("div", { class: "ds-field" }, box("failed", t("failed"), failed.has(number))));
  });
  const rest = h("button", { class: "ds-button", "data-variant": "secondary", type: "button", onclick: () => {
    for (const row of rows) if (!row.querySelector(":checked")) row.querySelector("input[value=ok]").checked = true;
    rest.dispatchEvent(new Event("change", { bubbles: true }));
  } }, icon("tick"), t("rest-ok"));
  const element = h("fieldset", { class: "ds-fieldset checklist", id: frame.id }, h("legend", {}, frame.title), rows, rest);
  return {
    element,
    read: () => {
      const numbers = rows.flatMap((row, index) => (row.querySelector("input[value=failed]").checked ? [index + 1] : []));
      const looked = rows.flatMap((row, index) => (row.querySelector("input[value=ok]").checked ? [String(index + 1)] : []));
      const unlooked = rows.filter((row) => !row.querySelector(":checked")).length;
      return { value: numbers.length ? numbers.join(", ") : undefined, looked, fault: unlooked > 0 && t("unlooked", { count: unlooked }) };
    },
  };
}

/** Another matter: one of those on this phone, or its number, which is looked up when there is a network. */
function matter(frame, known, { bundle, matter: own }) {
  const given = known.data[frame.name];
  const at = bundle.matters.find((each) => each.id === given);
  const number = h("input", { class: "ds-input short", id: frame.id, autocomplete: "off", autocapitalize: "characters", value: given?.number ?? at?.number ?? "", list: `${frame.id}-list` });
  const here = bundle.matters.filter((each) => each.id !== own?.id);
  const element = labelled(frame, h("p", { class: "quiet" }, `${t("number-of")} (${t("or-one")})`), number,
    h("datalist", { id: `${frame.id}-list` }, here.map((each) => h("option", { value: each.number }, say(each.title)))));
  return {
    element,
    read: () => {
      const said = number.value.trim().toUpperCase();
      const found = here.find((each) => each.number.replaceAll("-", "") === said.replaceAll("-", ""));
      return said ? { value: found?.id ?? { number: said } } : {};
    },
  };
}

// --- photos ------------------------------------------------------------------------------------------

/** Photographs and documents; they are made small here, so that they are quickly sent over a poor network. */
function files(frame, known, { draft }) {
  const most = frame.spec.max ?? MOST_FILES;
  let chosen = [...(known.photos?.[frame.name] ?? [])];
  const list = h("ul", { class: "previews" });
  const said = h("p", { class: "quiet", role: "status" });
  const input = h("input", { type: "file", id: frame.id, accept: "image/*,application/pdf", multiple: true });
  const element = h("div", { class: "stack" },
    h("span", { class: "ds-label" }, frame.title, optional(frame)), help(frame),
    h("label", { class: "drop" }, icon("camera"), t("take-photo"), input), said, list);
  const show = () => {
    for (const image of list.querySelectorAll("img")) URL.revokeObjectURL(image.src);
    list.replaceChildren(...chosen.map((photo) => {
      const drop = h("button", { type: "button", "aria-label": `${t("remove")}: ${photo.name}`, onclick: () => {
        chosen = chosen.filter((other) => other !== photo);
        show();
        element.dispatchEvent(new Event("change", { bubbles: true }));
        input.focus();
      } }, "×");
      const image = photo.blob?.type.startsWith("image/") && h("img", { src: URL.createObjectURL(photo.blob), alt: photo.name });
      return h("li", {}, image || photo.name, drop);
    }));
  };
  input.addEventListener("change", async (event) => {
    event.stopPropagation();
    const fresh = [...input.files];
    input.value = "";
    const fit = fresh.filter((file) => file.size <= MOST_BYTES);
    const words = fresh.filter((file) => file.size > MOST_BYTES).map((file) => t("too-large", { name: file.name }));
    if (chosen.length + fit.length > most) words.push(t("too-many", { most }));
    said.textContent = words.join(" ");
    for (const file of fit.slice(0, most - chosen.length)) {
      chosen.push({ id: crypto.randomUUID(), name: file.name, blob: await smaller(file) });
    }
    show();
    element.dispatchEvent(new Event("change", { bubbles: true }));
  });
  input.setAttribute("aria-label", frame.title);
  show();
  return { element, read: () => ({ photos: chosen }) };
}

/** A photograph at most as large as the server keeps it; what cannot be read here goes as it is. */
async function smaller(file) {
  try {
    const bitmap = await createImageBitmap(file, { imageOrientation: "from-image" });
    const scale = Math.min(1, LONGEST_SIDE / Math.max(bitmap.width, bitmap.height));
    const canvas = h("canvas", { width: Math.round(bitmap.width * scale), height: Math.round(bitmap.height * scale) });
    canvas.getContext("2d").drawImage(bitmap, 0, 0, canvas.width, canvas.height);
    bitmap.close();
    const made = await new Promise((done) => canvas.toBlob(done, "image/jpeg", 0.86));
    return made && made.size < file.size ? made : file;
  } catch {
    return file;
  }
}

const MAKE = {
  yesno, person, kind, matter, files,
  place: placeField,
  choice: choice(false), choices: choice(true),
  unit: unit(false), units: unit(true),
};
