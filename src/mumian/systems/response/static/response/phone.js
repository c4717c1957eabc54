// On the responder's phone: a call is felt, the time to answer runs down, the position is sent where that was agreed to.
const known = new Set([...document.querySelectorAll("[data-alert]")].map(({ dataset }) => dataset.alert));

document.addEventListener("renewed", () => {
  for (const { dataset } of document.querySelectorAll("[data-alert]")) {
    if (known.has(dataset.alert)) continue;
    known.add(dataset.alert);
    navigator.vibrate?.([600, 200, 600, 200, 600]);
    scrollTo({ top: 0 });
  }
});

setInterval(() => {
  for (const each of document.querySelectorAll("[data-until][data-left]")) {
    const left = Math.ceil((Date.parse(each.dataset.until) - Date.now()) / 1000);
    each.textContent = left > 0 ? each.dataset.left.replace("{n}", left) : each.dataset.over;
  }
}, 500);

let sent = 0;
navigator.geolocation &&
  setInterval(() => {
    const alarm = document.querySelector("[data-position]");
    if (!alarm || Date.now() - sent < 10_000) return;
    sent = Date.now();
    navigator.geolocation.getCurrentPosition(({ coords }) => {
      const body = new URLSearchParams({ lon: coords.longitude, lat: coords.latitude });
      fetch(alarm.dataset.position, { method: "POST", body, headers: { "X-CSRFToken": alarm.querySelector("[name=csrfmiddlewaretoken]").value } });
    }, () => {}, { enableHighAccuracy: true, timeout: 8000 });
  }, 2000);
