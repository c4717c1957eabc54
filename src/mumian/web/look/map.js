// The map, drawn from the program's own places: outlines one level below a place, matters as dots, one pin.
// A base map is shown beneath only where the page names one in <meta name="base-map">.
import * as maplibre from "./maplibre/maplibre-gl.mjs";

const here = import.meta.url;
const COLOURS = ["leaf", "amber", "kapok", "river", "neutral"];
const WORST_FIRST = ["kapok", "amber", "river", "leaf", "neutral"];
const NOTHING = { type: "FeatureCollection", features: [] };
const calm = matchMedia("(prefers-reduced-motion: reduce)");

/**
 * Draws a map into an element and returns what one can do with it.
 *
 * area: code of the place whose parts are shown. url: where its parts are found, with {code}; or source:
 * an async function of the code that gives the same GeoJSON. onArea(code, names): a part was chosen. onPoint(properties): a dot was
 * chosen; without it the dot's url is opened. pin: {lon, lat, onMove(lon, lat), when()}: a pin that is put by a click,
 * where `when` does not say that a click means the area, and dragged.
 */
export async function cityMap(element, { area = "", url = "/map/{code}.json", source, onArea, onPoint, pin } = {}) {
  await style();
  const fetchParts = source ?? ((code) => fetch(url.replace("{code}", code || "all")).then((answer) => answer.json()));
  const parts = await fetchParts(area);
  const gl = new maplibre.Map({
    container: element,
    style: sheet(parts, element),
    bounds: parts.bbox,
    fitBoundsOptions: { padding: 24 },
    attributionControl: false,
    dragRotate: false,
    pitchWithRotate: false,
    maxPitch: 0,
    maxZoom: 19,
    cooperativeGestures: element.dataset.cooperative !== undefined,
    locale: words(element),
  });
  gl.touchZoomRotate.disableRotation();
  gl.addControl(new maplibre.NavigationControl({ showCompass: false }), "top-right");
  const base = baseMap();
  if (base?.attribution) gl.addControl(new maplibre.AttributionControl({ compact: true, customAttribution: base.attribution }));
  gl.getCanvas().setAttribute("aria-label", element.dataset.label ?? "");
  await new Promise((ready) => gl.once("load", ready));
  element.dataset.ready = "";

  let current = area;
  let shades = {};
  let dots = NOTHING;

  const draw = (collection) => {
    gl.getSource("parts").setData(shaded(collection, shades));
    gl.getSource("names").setData(named(collection));
    gl.fitBounds(collection.bbox, { padding: 24, animate: !calm.matches, duration: 400 });
  };
  let shown = parts;

  const map = {
    gl,
    get area() {
      return current;
    },
    /** Shows the parts of another place. */
    async show(code) {
      const found = await fetchParts(code);
      if (found.features.length === 0) return;
      [current, shown] = [code, found];
      draw(found);
    },
    /** Shows dots: features with colour, title, url, and count where a dot stands for several. */
    points(collection) {
      dots = collection ?? NOTHING;
      gl.getSource("points").setData(dots);
    },
    /** Tints parts: {code: 0..1}; parts that are not named stay plain. */
    shade(values) {
      shades = values;
      gl.getSource("parts").setData(shaded(shown, shades));
    },
    /** Puts the pin there, without telling onMove. */
    pin(lon, lat, { near = true } = {}) {
      place?.(lon, lat);
      if (near) gl.easeTo({ center: [lon, lat], zoom: Math.max(gl.getZoom(), 15), animate: !calm.matches });
    },
  };

  hover(gl, !onArea);
  if (onArea) {
    gl.on("click", "parts", (event) => {
      if (pin?.when?.() === true || event.defaultPrevented || gl.queryRenderedFeatures(event.point, { layers: ["dot"] }).length) return;
      event.preventDefault(); // the same click puts no pin
      const { code, name_zh, name_en } = event.features[0].properties;
      onArea(String(code), { zh: name_zh, en: name_en });
    });
  }
  gl.on("click", "dot", (event) => {
    event.preventDefault();
    const { properties } = event.features[0];
    if (properties.cluster) {
      gl.getSource("points").getClusterExpansionZoom(properties.cluster_id).then((zoom) => {
        gl.easeTo({ center: event.features[0].geometry.coordinates, zoom: Math.min(zoom + 0.5, 18), animate: !calm.matches });
      });
    } else if (onPoint) onPoint(properties);
    else if (properties.url) location.assign(properties.url);
  });

  const place = pin && pinned(gl, pin);
  const repaint = () => {
    gl.setStyle(sheet(shaded(shown, shades), element, dots), { diff: true });
  };
  new MutationObserver(repaint).observe(document.documentElement, { attributeFilter: ["data-color-scheme"] });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", repaint);
  return map;
}

// --- what lies on the sheet --------------------------------------------------------------------------

function sheet(parts, element, dots = NOTHING) {
  const tone = tones(element);
  const base = baseMap();
  const english = document.documentElement.lang.startsWith("en");
  const name = english ? ["coalesce", ["get", "name_en"], ["get", "name_zh"]] : ["get", "name_zh"];
  const worst = Object.fromEntries(WORST_FIRST.map((colour) => [colour, ["+", ["case", ["==", ["get", "colour"], colour], 1, 0]]]));
  const colour = (of) => [
    "case",
    ...WORST_FIRST.slice(0, -1).flatMap((each) => [of(each), tone[each]]),
    tone.neutral,
  ];
  const dotColour = [
    "case",
    ["has", "point_count"],
    colour((each) => [">", ["get", each], 0]),
    colour((each) => ["==", ["get", "colour"], each]),
  ];
  return {
    version: 8,
    sources: {
      ...(base && { base: { type: "raster", tiles: [base.tiles], tileSize: 256, maxzoom: 18 } }),
      parts: { type: "geojson", data: parts, promoteId: "code" },
      names: { type: "geojson", data: named(parts) },
      points: { type: "geojson", data: dots, cluster: true, clusterRadius: 28, clusterMaxZoom: 17, clusterProperties: worst },
    },
    layers: [
      { id: "paper", type: "background", paint: { "background-color": tone.paper } },
      ...(base ? [{ id: "base", type: "raster", source: "base" }] : []),
      {
        id: "parts",
        type: "fill",
        source: "parts",
        paint: {
          "fill-color": ["case", [">", ["coalesce", ["get", "shade"], 0], 0], ["interpolate", ["linear"], ["get", "shade"], 0, tone.shadeLow, 1, tone.shadeHigh], tone.land],
          "fill-opacity": base ? 0.45 : 1,
        },
      },
      { id: "over", type: "fill", source: "parts", paint: { "fill-color": tone.leaf, "fill-opacity": ["case", ["boolean", ["feature-state", "over"], false], 0.22, 0] } },
      { id: "lines", type: "line", source: "parts", paint: { "line-color": tone.line, "line-width": ["interpolate", ["linear"], ["zoom"], 8, 0.8, 15, 2] } },
      {
        id: "names",
        type: "symbol",
        source: "names",
        layout: { "text-field": name, "text-size": 13, "text-max-width": 7, "text-padding": 4, "text-font": ["Noto Sans CJK SC"] },
        paint: { "text-color": tone.ink, "text-halo-color": tone.halo, "text-halo-width": 1.4 },
      },
      {
        id: "dot",
        type: "circle",
        source: "points",
        paint: {
          "circle-color": dotColour,
          "circle-radius": ["case", ["has", "point_count"], ["interpolate", ["linear"], ["get", "point_count"], 2, 12, 200, 24], 7],
          "circle-stroke-color": tone.paper,
          "circle-stroke-width": 2,
        },
      },
      {
        id: "count",
        type: "symbol",
        source: "points",
        filter: ["has", "point_count"],
        layout: { "text-field": ["get", "point_count_abbreviated"], "text-size": 12, "text-allow-overlap": true, "text-font": ["Noto Sans CJK SC"] },
        paint: { "text-color": tone.onDot },
      },
    ],
  };
}

/** One point for each name: a place of many islands is named once. */
function named({ features }) {
  const points = features
    .filter(({ properties }) => "lon" in properties)
    .map(({ properties }) => ({ type: "Feature", properties, geometry: { type: "Point", coordinates: [properties.lon, properties.lat] } }));
  return { type: "FeatureCollection", features: points };
}

function shaded(collection, values) {
  if (Object.keys(values).length === 0) return collection;
  const features = collection.features.map((feature) => ({
    ...feature,
    properties: { ...feature.properties, shade: values[feature.properties.code] ?? 0 },
  }));
  return { ...collection, features };
}

/** The theme's colours as they now are; canvases do not read custom properties. */
function tones(element) {
  const brush = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const probe = document.createElement("i");
  element.append(probe);
  const read = (token) => {
    probe.style.color = `var(--ds-color-${token})`;
    brush.clearRect(0, 0, 1, 1);
    brush.fillStyle = getComputedStyle(probe).color;
    brush.fillRect(0, 0, 1, 1);
    const [red, green, blue] = brush.getImageData(0, 0, 1, 1).data;
    return `rgb(${red},${green},${blue})`;
  };
  const found = {
    ...Object.fromEntries(COLOURS.map((colour) => [colour, read(`${colour}-base-default`)])),
    paper: read("neutral-background-tinted"),
    land: read("neutral-surface-default"),
    line: read("neutral-border-default"),
    ink: read("neutral-text-default"),
    halo: read("neutral-surface-default"),
    onDot: read("kapok-base-contrast-default"),
    shadeLow: read("kapok-surface-tinted"),
    shadeHigh: read("kapok-border-default"),
    neutral: read("neutral-border-strong"),
  };
  probe.remove();
  return found;
}

function baseMap() {
  const meta = document.querySelector("meta[name=base-map]");
  return meta && { tiles: meta.content, attribution: meta.dataset.attribution };
}

// --- what moves on it --------------------------------------------------------------------------------

function hover(gl, still) {
  let over = null;
  const tint = (id, on) => gl.getSource("parts") && gl.setFeatureState({ source: "parts", id }, { over: on });
  gl.on("mousemove", "parts", ({ features: [feature] }) => {
    if (still || feature.id === over) return;
    if (over !== null) tint(over, false);
    over = feature.id;
    tint(over, true);
    gl.getCanvas().style.cursor = "pointer";
  });
  gl.on("mouseleave", "parts", () => {
    if (over !== null) tint(over, false);
    over = null;
    gl.getCanvas().style.cursor = "";
  });
  gl.on("mouseenter", "dot", () => (gl.getCanvas().style.cursor = "pointer"));
  gl.on("mouseleave", "dot", () => (gl.getCanvas().style.cursor = ""));
}

function pinned(gl, { lon, lat, onMove, when = () => true }) {
  const marker = new maplibre.Marker({ draggable: true, anchor: "bottom", element: drop() });
  const put = (x, y) => marker.setLngLat([x, y]).addTo(gl);
  const tell = ({ lng, lat: y }) => onMove?.(Number(lng.toFixed(6)), Number(y.toFixed(6)));
  if (Number.isFinite(lon) && Number.isFinite(lat)) {
    put(lon, lat);
    gl.jumpTo({ center: [lon, lat], zoom: 15 });
  }
  marker.on("dragend", () => tell(marker.getLngLat()));
  gl.on("click", ({ lngLat, defaultPrevented }) => {
    if (defaultPrevented || !when()) return;
    put(lngLat.lng, lngLat.lat);
    tell(lngLat);
  });
  // With the keyboard: the arrows move the map, Enter puts the pin into its middle.
  gl.getCanvas().addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    event.preventDefault();
    const middle = gl.getCenter();
    put(middle.lng, middle.lat);
    tell(middle);
  });
  return put;
}

function drop() {
  const space = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(space, "svg");
  svg.setAttribute("viewBox", "0 0 30 40");
  svg.setAttribute("width", "33");
  svg.setAttribute("height", "44");
  svg.setAttribute("class", "pin");
  const shape = document.createElementNS(space, "path");
  shape.setAttribute("d", "M15 39C6 27 2 21 2 14.5a13 13 0 0 1 26 0C28 21 24 27 15 39Z");
  const hole = document.createElementNS(space, "circle");
  for (const [name, value] of [["cx", 15], ["cy", 14.5], ["r", 5]]) hole.setAttribute(name, value);
  svg.append(shape, hole);
  return svg;
}

function words(element) {
  const { zoomIn, zoomOut, twoFingers, withKey } = element.dataset;
  return Object.fromEntries(
    Object.entries({
      "NavigationControl.ZoomIn": zoomIn,
      "NavigationControl.ZoomOut": zoomOut,
      "CooperativeGesturesHandler.MobileHelpText": twoFingers,
      "CooperativeGesturesHandler.WindowsHelpText": withKey,
      "CooperativeGesturesHandler.MacHelpText": withKey,
    }).filter(([, text]) => text),
  );
}

let styled;

function style() {
  styled ??= new Promise((done, failed) => {
    const link = document.createElement("link");
    link.rel = "stylesheet";
    link.href = new URL("./maplibre/maplibre-gl.css", here).href;
    link.onload = done;
    link.onerror = failed;
    document.head.append(link);
  });
  return styled;
}
