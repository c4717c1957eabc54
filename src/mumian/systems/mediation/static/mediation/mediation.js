// The pages of mediation where a script helps: the map, one's position, links to copy, and what a session needs.

const map = document.querySelector("[data-mediation-map]");
if (map) {
  map.hidden = false;
  const { cityMap } = await import(map.dataset.mediationMap);
  const [lon, lat] = [parseFloat(map.dataset.lon), parseFloat(map.dataset.lat)];
  const here = Number.isFinite(lon) && Number.isFinite(lat);
  const drawn = await cityMap(map, { area: map.dataset.area, onArea: (code) => drawn.show(code), ...(here && { pin: { lon, lat, onMove: look } }) });
  drawn.points(await (await fetch(map.dataset.from)).json());
  if (here) drawn.pin(lon, lat);
}

function look(lon, lat) {
  const form = document.querySelector(".seek");
  form.elements.lon.value = lon.toFixed(5);
  form.elements.lat.value = lat.toFixed(5);
  form.requestSubmit();
}

const near = document.querySelector("[data-near]");
if (near && navigator.geolocation) {
  near.hidden = false;
  near.addEventListener("click", () => {
    near.disabled = true;
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => look(coords.longitude, coords.latitude),
      () => {
        near.disabled = false;
        near.textContent = near.dataset.failed;
      },
      { timeout: 10000 },
    );
  });
}

for (const button of document.querySelectorAll("[data-copy]")) {
  if (!navigator.clipboard) break;
  button.hidden = false;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(button.parentElement.querySelector("input").value);
    button.textContent = button.dataset.done;
  });
}

const modes = [...document.querySelectorAll("[name=mode]")];
const needed = () => {
  const chosen = modes.find((each) => each.checked)?.value;
  for (const part of document.querySelectorAll("[data-for]")) part.hidden = part.dataset.for !== chosen;
};
for (const each of modes) each.addEventListener("change", needed);
if (modes.length) needed();
