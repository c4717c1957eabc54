{% load static %}// Keeps the app on the phone: the page and what it is made of come from here first, whether or not there is a network.
{% if not plain %}import { sendWaiting } from "{% static 'field/sync.js' %}";

// Where the browser can, what waits is sent as soon as there is a network, even if the app is closed.
addEventListener("sync", (event) => {
  if (event.tag === "outbox") event.waitUntil(sendWaiting());
});
{% endif %}
const SHELL = "field-{{ version }}", PICTURES = "field-pictures", MOST_PICTURES = 300;
const KEPT = [{% for url in kept %}"{{ url|escapejs }}"{% if not forloop.last %}, {% endif %}{% endfor %}];
const PAGE = KEPT[0];

addEventListener("install", (event) => {
  const fresh = KEPT.map((url) => new Request(url, { cache: "no-cache" })); // asked whether it changed, not fetched twice
  event.waitUntil(caches.open(SHELL).then((cache) => cache.addAll(fresh)).then(() => skipWaiting()));
});

addEventListener("activate", (event) => {
  const old = (name) => name.startsWith("field-") && name !== SHELL && name !== PICTURES;
  event.waitUntil(
    caches.keys()
      .then((names) => Promise.all(names.filter(old).map((name) => caches.delete(name))))
      .then(() => clients.claim()),
  );
});

addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== "GET" || origin !== location.origin) return;
  if (request.mode === "navigate" && pathname === PAGE) event.respondWith(kept(PAGE, SHELL, request));
  else if (KEPT.includes(pathname) || pathname.startsWith("{% get_static_prefix %}")) event.respondWith(kept(request, SHELL, request));
  else if (/\/files\/[0-9a-f]{64}\/thumb$/.test(pathname)) event.respondWith(picture(request));
});

// What is kept never changes under one version of this worker; what is fetched later, such as the map, is kept then.
async function kept(key, name, request) {
  const cache = await caches.open(name);
  const found = await cache.match(key, { ignoreVary: true });
  if (found) return found;
  const answer = await fetch(request);
  if (answer.ok && answer.status === 200) await cache.put(key, answer.clone());
  return answer;
}

async function picture(request) {
  const answer = await kept(request, PICTURES, request);
  const cache = await caches.open(PICTURES);
  const keys = await cache.keys();
  await Promise.all(keys.slice(0, Math.max(0, keys.length - MOST_PICTURES)).map((key) => cache.delete(key)));
  return answer;
}
