// Forms: a list one can search in, the reader's own position, and photographs shown before they are sent.
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
  const button = place.querySelector("[data-locate]");
  if (!("geolocation" in navigator)) continue;
  const said = place.querySelector("[data-said]");
  const words = button.querySelector("[data-use]");
  const axes = ["longitude", "latitude"].map((axis) => place.querySelector(`[name$=_${axis}]`));

  const note = (values, text) => {
    axes.forEach((axis, number) => (axis.value = values[number] ?? ""));
    words.textContent = values.length ? words.dataset.forget : words.dataset.use;
    said.textContent = text;
    place.dispatchEvent(new Event("located"));
    axes[1].dispatchEvent(new Event("change", { bubbles: true }));
  };

  button.hidden = false;
  if (axes[0].value) words.textContent = words.dataset.forget;
  button.addEventListener("click", () => {
    if (axes[0].value) return note([], "");
    said.textContent = said.dataset.asking;
    navigator.geolocation.getCurrentPosition(
      ({ coords }) =>
        note(
          [coords.longitude.toFixed(6), coords.latitude.toFixed(6)],
          said.dataset.got.replace("%m", Math.ceil(coords.accuracy)),
        ),
      () => (said.textContent = said.dataset.refused),
      { enableHighAccuracy: true, timeout: 15000, maximumAge: 60000 },
    );
  });
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
