// Charts: the parts of ECharts the pages use, drawn as SVG in the theme's own colours.
import { BarChart, LineChart } from "echarts/charts";
import { AriaComponent, DatasetComponent, GridComponent, LegendComponent, TooltipComponent } from "echarts/components";
import * as echarts from "echarts/core";
import { SVGRenderer } from "echarts/renderers";

echarts.use([BarChart, LineChart, AriaComponent, DatasetComponent, GridComponent, LegendComponent, TooltipComponent, SVGRenderer]);

/** Draws `option(tone)` into an element, again when the look or the size changes; returns how to draw another. */
export function chart(element, option) {
  let shown = option;
  const drawn = echarts.init(element, null, { renderer: "svg" });
  const draw = () => drawn.setOption({ animation: !matchMedia("(prefers-reduced-motion: reduce)").matches, ...shown(tone(element)) }, true);
  draw();
  new ResizeObserver(() => drawn.resize()).observe(element);
  new MutationObserver(draw).observe(document.documentElement, { attributeFilter: ["data-color-scheme"] });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
  return (next) => {
    shown = next;
    draw();
  };
}

/** tone("leaf-base-default") is that colour of the theme as it now is. */
function tone(element) {
  const style = getComputedStyle(element);
  return (token) => style.getPropertyValue(`--ds-color-${token}`).trim();
}
