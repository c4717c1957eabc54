// Elements made in one expression, without a line of HTML in a string.
import { say, settings, span, t } from "./words.js";

/** h("p", {class: "quiet", onclick: f}, "text", child): falsy children and attributes are left out. */
export function h(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === false || value === null || value === undefined) continue;
    if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else if (key in element && (typeof value === "boolean" || key === "value")) element[key] = value;
    else element.setAttribute(key, value);
  }
  element.append(...children.flat(Infinity).filter((child) => child || child === 0));
  return element;
}

const SVG = "http://www.w3.org/2000/svg";

/** A drawing from icons.svg, for the eye alone. */
export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", `${settings.icons}#${name}`);
  svg.append(use);
  return svg;
}

/** A state: a word, a shape and a colour. */
export const stateTag = (state) => h("span", { class: "ds-tag", "data-color": state.colour }, icon(state.tone), say(state.title));

/** How much of a time limit is spent, in words and as a thin bar; the colours are those of the board. */
export function clockBar({ from, due, title }) {
  const now = Date.now(), begin = Date.parse(from), end = Date.parse(due);
  const spent = end > begin ? Math.min(1, Math.max(0, (now - begin) / (end - begin))) : 1;
  const late = now > end;
  const svg = document.createElementNS(SVG, "svg");
  for (const [key, value] of Object.entries({ class: "spent", viewBox: "0 0 100 4", preserveAspectRatio: "none", "aria-hidden": "true" })) svg.setAttribute(key, value);
  for (const [width, kind] of [[100, ""], [spent * 100, "gone"]]) {
    const bar = document.createElementNS(SVG, "rect");
    bar.setAttribute("width", width);
    bar.setAttribute("height", 4);
    if (kind) bar.setAttribute("class", kind);
    svg.append(bar);
  }
  const said = t(late ? "late" : "left", { span: span(Math.abs(end - now)) });
  return h("span", { class: "clock", "data-color": late ? "kapok" : spent >= 0.75 ? "amber" : "leaf" },
    h("span", { class: "due" }, title && `${say(title)} `, h(late ? "strong" : "span", { class: "said" }, said)), svg);
}

/** A question that is answered with yes or no; resolves to the answer. */
export function sure(text, yes) {
  return new Promise((done) => {
    const box = h("dialog", { class: "sure", "aria-label": yes },
      h("p", {}, text),
      h("form", { method: "dialog", class: "acts" },
        h("button", { class: "ds-button", "data-color": "danger", value: "yes" }, yes),
        h("button", { class: "ds-button", "data-variant": "secondary", value: "" }, t("cancel"))));
    box.addEventListener("close", () => {
      box.remove();
      done(box.returnValue === "yes");
    });
    document.body.append(box);
    box.showModal();
  });
}
