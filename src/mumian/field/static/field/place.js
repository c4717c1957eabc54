// Where: one's own position, a place from the list, a pin on the map, and words. Any of them will do.
import { h, icon } from "./dom.js";
import { drawMap } from "./map.js";
import { language, say, t } from "./words.js";

/** The field of a place. What is answered is {place} or {lon, lat}, and perhaps an address. */
export function placeField(frame, known, { bundle, matter }) {
  const given = known.data[frame.name] ?? (matter && { place: matter.place, address: matter.address }) ?? {};
  let point = given.lon === undefined ? null : [given.lon, given.lat];
  const said = h("p", { class: "quiet", role: "status" });
  const choices = places(bundle, given.place);
  const chosen = given.place ?? (point ? "" : bundle.place.code.length >= 15 ? bundle.place.code : "");
  const select = h("select", { class: "ds-input", id: frame.id }, h("option", { value: "" }, "—"),
    choices.map(([code, title]) => h("option", { value: code, selected: code === chosen }, title)));
  const address = h("input", { class: "ds-input", id: `${frame.id}-address`, autocomplete: "off", maxlength: 300, value: given.address ?? "" });
  const forget = h("button", { class: "ds-button", "data-variant": "tertiary", type: "button", hidden: !point }, t("forget-point"));
  const sheet = h("div", { class: "pin-map", hidden: true });
  let map;

  const note = (lon, lat, words) => {
    point = lon === undefined ? null : [lon, lat];
    const inside = point && placeOf(bundle.sheet, point);
    if (inside) select.value = inside.properties.code;
    else if (point) select.value = "";
    const where = point && (inside ? t("in-place", { place: name(inside) }) : t("outside"));
    said.textContent = [words, where].filter(Boolean).join(" ");
    forget.hidden = !point;
    element.dispatchEvent(new Event("change", { bubbles: true }));
  };
  forget.addEventListener("click", () => note(undefined, undefined, ""));
  const locate = h("button", { class: "ds-button", "data-variant": "secondary", type: "button", hidden: !("geolocation" in navigator), onclick: () => {
    said.textContent = t("asking");
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => {
        const [lon, lat] = [Number(coords.longitude.toFixed(6)), Number(coords.latitude.toFixed(6))];
        note(lon, lat, t("got-position", { metres: Math.ceil(coords.accuracy) }));
        map?.pin(lon, lat);
      },
      () => (said.textContent = t("no-position")),
      { enableHighAccuracy: true, timeout: 15000, maximumAge: 60000 },
    );
  } }, icon("aim"), t("my-position"));
  const pin = h("button", { class: "ds-button", "data-variant": "secondary", type: "button", hidden: !bundle.sheet, onclick: async () => {
    sheet.hidden = false;
    pin.hidden = true;
    const at = point && { lon: point[0], lat: point[1] };
    map = await drawMap(sheet, bundle, [], { ...at, onMove: (lon, lat) => note(lon, lat, t("pinned")) });
    if (!map) sheet.replaceChildren(h("p", { class: "quiet" }, t("no-map")));
  } }, icon("pin"), t("pin"));

  const element = h("fieldset", { class: "ds-fieldset place" },
    h("legend", {}, frame.title, !frame.required && h("span", { class: "quiet" }, ` ${t("optional")}`)),
    h("div", { class: "acts" }, locate, pin, forget), said, sheet,
    h("div", { class: "ds-field" }, h("label", { class: "ds-label", for: frame.id }, t("which-place")), select),
    h("div", { class: "ds-field" }, h("label", { class: "ds-label", for: address.id }, t("address"), h("span", { class: "quiet" }, ` ${t("optional")}`)), address));
  select.addEventListener("change", (event) => {
    if (point && select.value && event.isTrusted) note(undefined, undefined, "");
  });
  return {
    element,
    read: () => {
      const words = address.value.trim();
      const where = point ? { lon: point[0], lat: point[1] } : select.value ? { place: select.value } : {};
      const value = { ...where, ...(words && { address: words }) };
      return Object.keys(value).length ? { value } : {};
    },
  };
}

const name = ({ properties }) => (language() === "en" ? properties.name_en : properties.name_zh);

/** Places to choose from: those of the sheet, and the one known already. */
function places(bundle, given) {
  const own = [bundle.place.code, say(bundle.place.name)];
  const found = new Map([own, ...(bundle.sheet?.features ?? []).map((each) => [each.properties.code, name(each)])]);
  if (given && !found.has(given)) found.set(given, given);
  return [...found].filter(([code]) => code);
}

/** The place of the sheet in which a point lies (even-odd rule, RFC 7946 polygons). */
export function placeOf(sheet, [x, y]) {
  return sheet?.features.find(({ geometry }) => {
    const polygons = geometry.type === "Polygon" ? [geometry.coordinates] : geometry.coordinates;
    return polygons.some((rings) => rings.reduce((inside, ring) => inside !== crosses(ring, x, y), false));
  });
}

function crosses(ring, x, y) {
  let inside = false;
  for (let i = 0, j = ring.length - 1; i < ring.length; j = i++) {
    const [xi, yi] = ring[i], [xj, yj] = ring[j];
    if (yi > y !== yj > y && x < ((xj - xi) * (y - yi)) / (yj - yi) + xi) inside = !inside;
  }
  return inside;
}
