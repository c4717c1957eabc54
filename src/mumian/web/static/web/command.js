// Command: charts where there is room to draw them, drawn again when live.js has put new figures in place.

const HOLDERS = [...document.querySelectorAll("[data-chart]")];
const drawn = new Map();

const figures = () => JSON.parse(document.getElementById("charts").textContent);

const axis = (tone) => ({
  axisLine: { lineStyle: { color: tone("neutral-border-default") } },
  axisTick: { show: false },
  axisLabel: { color: tone("neutral-text-subtle") },
  splitLine: { lineStyle: { color: tone("neutral-border-subtle") } },
});

const frame = (tone, names) => ({
  grid: { top: 34, left: 4, right: 12, bottom: 4, containLabel: true },
  legend: { top: 0, left: 0, itemWidth: 14, itemHeight: 8, data: names, textStyle: { color: tone("neutral-text-default") } },
  tooltip: { trigger: "axis", confine: true, renderMode: "richText" },
  textStyle: { fontFamily: getComputedStyle(document.body).fontFamily },
});

const options = {
  days: ({ labels, series }) => (tone) => ({
    ...frame(tone, series.map(({ name }) => name)),
    xAxis: { type: "category", data: labels, boundaryGap: false, ...axis(tone), splitLine: { show: false } },
    yAxis: { type: "value", minInterval: 1, ...axis(tone) },
    series: series.map(({ name, colour, values }, order) => ({
      name, type: "line", data: values, symbol: order ? "diamond" : "circle", symbolSize: 5, smooth: 0.2, smoothMonotone: "x",
      lineStyle: { width: 2.5, type: order ? "solid" : [6, 3] }, color: tone(`${colour}-base-default`),
    })),
  }),
  kinds: ({ labels, series }) => (tone) => ({
    ...frame(tone, series.map(({ name }) => name)),
    yAxis: { type: "category", data: labels, ...axis(tone), splitLine: { show: false } },
    xAxis: { type: "value", minInterval: 1, ...axis(tone) },
    series: series.map(({ name, colour, values }) => ({
      name, type: "bar", stack: "open", data: values, barMaxWidth: 16, color: tone(`${colour}-base-default`),
    })),
  }),
};

async function draw(holder) {
  const { chart } = await import("../vendor/charts.js");
  holder.hidden = false;
  const option = () => options[holder.dataset.chart](figures()[holder.dataset.chart]);
  drawn.set(holder, { again: chart(holder, option()), option });
}

// What one has opened or closed stays so.
const opened = new Map();
document.addEventListener("toggle", ({ target }) => target.dataset.opened && opened.set(target.dataset.opened, target.open), true);

document.addEventListener("renewed", () => {
  for (const each of document.querySelectorAll("[data-opened]")) {
    if (opened.has(each.dataset.opened)) each.open = opened.get(each.dataset.opened);
  }
  for (const { again, option } of drawn.values()) again(option());
});

// The library is fetched when a chart comes near the window.
const watch = new IntersectionObserver(
  (seen) => {
    for (const { isIntersecting, target } of seen) {
      if (!isIntersecting) continue;
      watch.unobserve(target);
      draw(target.querySelector("[data-chart]"));
    }
  },
  { rootMargin: "200px" },
);
for (const holder of HOLDERS) watch.observe(holder.parentElement);
