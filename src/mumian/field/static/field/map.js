// The map of one's area, drawn from what was taken along. Its library comes when it is first wanted, and stays.
import { say, settings, t } from "./words.js";

/** Draws it with matters as dots, or with a pin; nothing where the library is not on the phone and there is no network. */
export async function drawMap(element, bundle, points, pin) {
  if (!bundle.sheet) return null;
  try {
    const { cityMap } = await import(settings.map);
    const place = say(bundle.place.name);
    Object.assign(element.dataset, { label: t("map-of", { place }), zoomIn: t("zoom-in"), zoomOut: t("zoom-out") });
    const map = await cityMap(element, { area: bundle.sheet.name, source: async () => bundle.sheet, pin, onPoint: ({ url }) => (location.hash = url) });
    if (points.length) map.points({ type: "FeatureCollection", features: points });
    const own = bundle.sheet.features.find((each) => each.properties.code === bundle.place.code);
    if (own) {
      map.gl.setFeatureState({ source: "parts", id: bundle.place.code }, { over: true }); // tinted as what is one's own
      if (pin?.lon === undefined) map.gl.fitBounds(boundsOf(own.geometry), { padding: 40, animate: false });
    }
    return map;
  } catch {
    return null;
  }
}

function boundsOf({ coordinates }) {
  const numbers = coordinates.flat(Infinity);
  const [x, y] = [numbers.filter((_, index) => index % 2 === 0), numbers.filter((_, index) => index % 2 === 1)];
  return [[Math.min(...x), Math.min(...y)], [Math.max(...x), Math.max(...y)]];
}

/** Fetches the library when nothing else is to be done, so that it is there without a network. */
export function fetchMapLater() {
  if (navigator.connection?.saveData || !navigator.serviceWorker?.controller) return;
  const later = window.requestIdleCallback ?? ((work) => setTimeout(work, 3000));
  later(() => import(settings.map).catch(() => {}));
}
