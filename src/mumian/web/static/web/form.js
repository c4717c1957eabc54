// Forms: a list one can search in, the reader's own position or a pin on a map, and photographs shown before they are sent.
// Each is an addition; without it the form still asks and sends the same.

for (const list of document.querySelectorAll("[data-searched]")) {
  const search = list.querySelector("[data-search]");
  const options = [...list.querySelectorAll(".options .option")];
  const groups = [...list.querySelectorAll(".options details")].map((group) => [group, group.open]);
  search.hidden = false;
  search.addEventListener("input", () => {
    const words = search.value.trim().toLowerCase();
    for (const option of options) option.hidden = !option.textContent.toLowerCase().includes(words);
    for (const [group, open] of groups) {
      group.hidden = !group.querySelector(".option:not([hidden])");
      group.open = words ? !group.hidden : open;
    }
    list.querySelector("[data-none]").hidden = options.some((option) => !option.hidden);
  });
  search.addEventListener("keydown", (event) => {
    if (event.key === "Enter") event.preventDefault();
  });
}

for (const place of document.querySelectorAll("[data-place]")) {
  const said = place.querySelector("[data-said]");
  const button = place.querySelector("[data-locate]");
  const words = button.querySelector("[data-use]");
  const axes = ["longitude", "latitude"].map((axis) => place.querySelector(`[name$=_${axis}]`));
  let map;

  const note = (values, text) => {
    axes.forEach((axis, number) => (axis.value = values[number] ?? ""));
    words.textContent = values.length ? words.dataset.forget : words.dataset.use;
    said.textContent = text;
    place.dispatchEvent(new Event("located"));
    axes[1].dispatchEvent(new Event("change", { bubbles: true }));
  };

  if ("geolocation" in navigator) {
    button.hidden = false;
    if (axes[0].value) words.textContent = words.dataset.forget;
    button.addEventListener("click", () => {
      if (axes[0].value) return note([], "");
      said.textContent = said.dataset.asking;
      navigator.geolocation.getCurrentPosition(
        ({ coords }) => {
          note(
            [coords.longitude.toFixed(6), coords.latitude.toFixed(6)],
            said.dataset.got.replace("%m", Math.ceil(coords.accuracy)),
          );
          map?.pin(coords.longitude, coords.latitude);
        },
        () => (said.textContent = said.dataset.refused),
        { enableHighAccuracy: true, timeout: 15000, maximumAge: 60000 },
      );
    });
  }

  const opener = place.querySelector("[data-show-map]");
  const frame = place.querySelector(".pinning");
  opener.hidden = false;
  opener.addEventListener("click", async () => {
    frame.hidden = !frame.hidden;
    opener.setAttribute("aria-expanded", String(!frame.hidden));
    if (!frame.hidden && !map) map = await pinMap(place, frame, opener.dataset.showMap, axes, (lon, lat) => note([lon, lat], said.dataset.pinned));
  });
}

const COMMUNITY = 12; // digits of a community's code; below it one puts the pin
const based = document.querySelector("meta[name=base-map]") !== null;

/** A map on which one goes closer place by place until the pin can be put; with a base map at once. */
async function pinMap(place, frame, module, axes, onMove) {
  const { cityMap } = await import(module);
  const sheet = frame.querySelector("[data-map]");
  const wider = frame.querySelector("[data-wider]");
  const hint = frame.querySelector("[data-hint]");
  const chosen = place.querySelector("input[type=radio]:checked")?.value ?? "";
  const path = ["", ...[6, 9, COMMUNITY].filter((digits) => digits <= chosen.length).map((digits) => chosen.slice(0, digits))];
  const put = () => based || path.at(-1).length >= COMMUNITY;
  const url = sheet.dataset.outlines.replace("__code__", "{code}");
  const [lon, lat] = axes.map((axis) => (axis.value ? Number(axis.value) : NaN));
  const map = await cityMap(sheet, {
    area: path.at(-1),
    url,
    pin: { lon, lat, onMove, when: put },
    onArea: (code) => go([...path, code]),
  });
  const go = (next) => {
    path.splice(0, path.length, ...next);
    map.show(path.at(-1));
    tell();
  };
  const tell = () => {
    wider.hidden = path.length < 2;
    hint.textContent = put() ? hint.dataset.put : hint.dataset.choose;
  };
  wider.addEventListener("click", () => go(path.slice(0, -1)));
  tell();
  return map;
}

for (const field of document.querySelectorAll("[data-files]")) {
  const input = field.querySelector("input[type=file]");
  const previews = field.querySelector(".previews");
  const said = field.querySelector("[data-said]");
  const most = Number(input.dataset.most || Infinity);
  let chosen = [];

  const show = () => {
    const bag = new DataTransfer();
    for (const file of chosen) bag.items.add(file);
    input.files = bag.files;
    for (const image of previews.querySelectorAll("img")) URL.revokeObjectURL(image.src);
    previews.replaceChildren(...chosen.map(preview));
  };

  const preview = (file) => {
    const item = document.createElement("li");
    const remove = document.createElement("button");
    remove.type = "button";
    remove.textContent = "×";
    remove.setAttribute("aria-label", `${input.dataset.remove}: ${file.name}`);
    remove.addEventListener("click", () => {
      chosen = chosen.filter((other) => other !== file);
      said.textContent = "";
      show();
      input.focus();
    });
    if (file.type.startsWith("image/")) {
      const image = document.createElement("img");
      image.src = URL.createObjectURL(file);
      image.alt = file.name;
      item.append(image);
    } else {
      item.append(file.name);
    }
    item.append(remove);
    return item;
  };

  input.addEventListener("change", () => {
    const all = [...chosen, ...input.files];
    chosen = all.slice(0, most);
    said.textContent = all.length > most ? input.dataset.over : "";
    show();
  });
}
