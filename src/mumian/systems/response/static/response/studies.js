// Coverage, siting and simulation: the map with its shades and points, the week under the arrow keys, charts.
const read = (id) => JSON.parse(document.getElementById(id)?.textContent ?? "null");

const holder = document.querySelector("[data-study-map]");

async function draw() {
  const { cityMap } = await import(holder.dataset.studyMap);
  holder.hidden = false;
  const leads = read("leads") ?? {};
  const map = await cityMap(holder, {
    area: holder.dataset.area,
    onArea: (code) => leads[code] && location.assign(leads[code]),
    onPoint: ({ title, url }) => (url ? location.assign(url) : said(title)),
  });
  map.shade(read("shade") ?? {});
  const own = read("points");
  if (own) map.points(own);
  else if (holder.dataset.points) map.points(await (await fetch(holder.dataset.points)).json());
  holder.dataset.drawn = "";
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
