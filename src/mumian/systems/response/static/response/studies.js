// Coverage, siting and simulation: the map with its shades and points, the week under the arrow keys, charts.
const read = (id) => JSON.parse(document.getElementById(id)?.textContent ?? "null");

const holder = document.querySelector("[data-study-map]");

let pointed = false;

async function draw() {
  const { cityMap } = await import(holder.dataset.studyMap);
  holder.hidden = false;
  const leads = read("leads") ?? {};
  const map = await cityMap(holder, {
    area: holder.dataset.area,
    // A click on a unit is told after that on the place beneath it, and is meant for the unit alone.
    onArea: (code) => setTimeout(() => (pointed ? (pointed = false) : leads[code] && location.assign(leads[code]))),
  });
  map.shade(read("shade") ?? {});
  const found = read("points") ?? (holder.dataset.points ? await (await fetch(holder.dataset.points)).json() : null);
  if (found) mark(map.gl, found);
  const many = document.querySelector("[data-many]");
  if (many) many.hidden = !found?.many;
  holder.dataset.drawn = "";
}

// Units as small dots, hollow while off duty; what would be new as a disc with its number. None is drawn as a crowd.
function mark(gl, found) {
  const lay = () => {
    if (gl.getSource("studied")) return;
    const paper = tone("neutral-background-default");
    const [leaf, grey, kapok] = ["leaf-base-default", "neutral-border-strong", "kapok-base-default"].map(tone);
    const isNew = ["has", "order"];
    const ready = ["==", ["get", "colour"], "leaf"];
    gl.addSource("studied", { type: "geojson", data: found });
    gl.addLayer({
      id: "studied", type: "circle", source: "studied", layout: { "circle-sort-key": ["case", isNew, 2, ready, 1, 0] },
      paint: {
        "circle-radius": ["case", isNew, 12, 5],
        "circle-color": ["case", isNew, kapok, ready, leaf, paper],
        "circle-stroke-color": ["case", isNew, paper, ready, paper, grey],
        "circle-stroke-width": 2,
      },
    });
    gl.addLayer({ id: "studied-order", type: "symbol", source: "studied", filter: isNew, layout: { "text-field": ["to-string", ["get", "order"]], "text-size": 13, "text-allow-overlap": true, "text-font": ["Noto Sans CJK SC"] }, paint: { "text-color": tone("kapok-base-contrast-default") } });
  };
  gl.on("styledata", lay);
  lay();
  gl.on("click", "studied", (event) => {
    pointed = true;
    setTimeout(() => (pointed = false));
    said(event.features[0].properties.title);
  });
}

function tone(token) {
  const probe = document.createElement("i");
  probe.style.color = `var(--ds-color-${token})`;
  holder.append(probe);
  const found = getComputedStyle(probe).color;
  probe.remove();
  return found;
}

// A unit that is pointed at says its name below the map.
function said(title) {
  const line = holder.nextElementSibling?.matches("[data-said]") ? holder.nextElementSibling : holder.insertAdjacentElement("afterend", document.createElement("p"));
  line.dataset.said = "";
  line.setAttribute("role", "status");
  line.textContent = title;
}

if (holder) draw().catch(() => (holder.hidden = true));

// The arrow keys go through the week hour by hour; across the page that is a day, or an hour where it is narrow.
const ribbon = document.querySelector("[data-ribbon]");
ribbon?.addEventListener("keydown", (event) => {
  const hours = [...ribbon.querySelectorAll("a")];
  const upright = getComputedStyle(ribbon).gridAutoFlow.startsWith("column");
  const [across, down] = upright ? [24, 1] : [1, 24];
  const step = { ArrowRight: across, ArrowLeft: -across, ArrowDown: down, ArrowUp: -down }[event.key];
  const next = hours[hours.indexOf(document.activeElement) + step];
  if (!step || !next) return;
  event.preventDefault();
  for (const each of hours) each.tabIndex = each === next ? 0 : -1;
  next.focus();
});

// Bars beside bars: how soon the first was there, before and after.
const bars = document.querySelector("[data-bars]");
if (bars) {
  const { chart } = await import(bars.dataset.bars);
  const { labels, series } = read("bars");
  chart(bars, (tone) => ({
    grid: { top: 34, left: 4, right: 8, bottom: 4, containLabel: true },
    legend: { top: 0, left: 0, itemWidth: 14, itemHeight: 8, textStyle: { color: tone("neutral-text-default") } },
    tooltip: { trigger: "axis", confine: true, renderMode: "richText" },
    textStyle: { fontFamily: getComputedStyle(document.body).fontFamily },
    xAxis: { type: "category", data: labels, axisTick: { show: false }, axisLine: { lineStyle: { color: tone("neutral-border-default") } }, axisLabel: { color: tone("neutral-text-subtle") } },
    yAxis: { type: "value", axisLabel: { color: tone("neutral-text-subtle") }, splitLine: { lineStyle: { color: tone("neutral-border-subtle") } } },
    series: series.map(({ name, colour, values }, order) => ({ name, type: "bar", data: values, barGap: "10%", color: tone(order ? `${colour}-base-default` : `${colour}-border-default`) })),
  }));
  bars.dataset.drawn = "";
}
