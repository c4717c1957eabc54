// The live map of the duty desk: rings, units and who is on the way, drawn anew whenever the page is.
const holder = document.querySelector("[data-response-map]");

const STATES = {
  real: "kapok-base-default", drill: "river-base-default", ready: "leaf-base-default", alerted: "amber-base-default",
  acknowledged: "river-base-default", "under-way": "river-base-default", "on-scene": "leaf-base-default",
  "handed-over": "leaf-base-default", own: "kapok-base-default", off: "neutral-border-strong",
};

async function draw() {
  const { cityMap } = await import(holder.dataset.responseMap);
  holder.hidden = false;
  const map = await cityMap(holder, { area: holder.dataset.area, onPoint() {} });
  const { gl } = map;
  let found = { type: "FeatureCollection", features: [] };
  const of = (...what) => ({ type: "FeatureCollection", features: found.features.filter(({ properties }) => what.includes(properties.what)) });

  const lay = () => {
    if (gl.getSource("rings")) return;
    const colour = ["match", ["get", "state"], ...Object.entries(STATES).flatMap(([state, token]) => [state, tone(token)]), tone("neutral-border-strong")];
    gl.addSource("rings", { type: "geojson", data: of("ring") });
    gl.addSource("forces", { type: "geojson", data: of("unit", "responder", "incident") });
    gl.addLayer({ id: "rings", type: "line", source: "rings", paint: { "line-color": tone("kapok-border-default"), "line-width": 2, "line-opacity": ["case", ["get", "open"], 1, 0.35] } });
    gl.addLayer({ id: "ring-names", type: "symbol", source: "rings", layout: { "symbol-placement": "line", "text-field": ["concat", ["get", "title"], "′"], "text-size": 13, "symbol-spacing": 400, "text-font": ["Noto Sans CJK SC"] }, paint: { "text-color": tone("kapok-text-subtle"), "text-halo-color": tone("neutral-background-default"), "text-halo-width": 2 } });
    gl.addLayer({
      id: "forces", type: "circle", source: "forces",
      layout: { "circle-sort-key": ["match", ["get", "what"], "incident", 3, "responder", 2, ["case", ["in", ["get", "state"], ["literal", ["ready", "off"]]], 0, 1]] },
      paint: {
        "circle-color": ["case", ["in", ["get", "state"], ["literal", ["ready"]]], tone("neutral-background-default"), colour],
        "circle-stroke-color": ["case", ["in", ["get", "state"], ["literal", ["ready"]]], colour, tone("neutral-background-default")],
        "circle-stroke-width": 2,
        "circle-radius": ["match", ["get", "what"], "incident", 11, "responder", 5, ["case", ["in", ["get", "state"], ["literal", ["ready", "off"]]], 4, 8]],
      },
    });
    gl.addLayer({ id: "force-names", type: "symbol", source: "forces", minzoom: 14, layout: { "text-field": ["get", "title"], "text-size": 12, "text-offset": [0, 1.2], "text-anchor": "top", "text-optional": true, "text-font": ["Noto Sans CJK SC"] }, paint: { "text-color": tone("neutral-text-default"), "text-halo-color": tone("neutral-background-default"), "text-halo-width": 1.5 } });
  };

  const tone = (token) => {
    const probe = document.createElement("i");
    probe.style.color = `var(--ds-color-${token})`;
    holder.append(probe);
    const said = getComputedStyle(probe).color;
    probe.remove();
    return said;
  };

  let seen = "";
  const look = async () => {
    const answer = await fetch(holder.dataset.from);
    if (!answer.ok) return;
    found = await answer.json();
    lay();
    gl.getSource("rings").setData(of("ring"));
    gl.getSource("forces").setData(of("unit", "responder", "incident"));
    const incidents = String(found.bbox);
    if (found.bbox && incidents !== seen) gl.fitBounds(found.bbox, { padding: 30, maxZoom: 16, animate: false });
    seen = incidents;
    holder.dataset.drawn = found.features.length;
  };
  gl.on("styledata", () => found.features.length && lay());
  gl.on("click", "forces", ({ features: [{ properties }] }) => properties.url && location.assign(properties.url));
  document.addEventListener("renewed", look);
  setInterval(look, 15_000); // positions and duty are no matters, so no event tells of them
  await look();
}

if (holder) draw().catch(() => (holder.hidden = true));

// What one has opened stays so when the page is renewed.
const opened = new Map();
document.addEventListener("toggle", ({ target }) => target.dataset.opened && opened.set(target.dataset.opened, target.open), true);
document.addEventListener("renewed", () => {
  for (const each of document.querySelectorAll("[data-opened]")) {
    if (opened.has(each.dataset.opened)) each.open = opened.get(each.dataset.opened);
  }
});
