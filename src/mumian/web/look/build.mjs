// Builds what the pages stand on into static/vendor: the theme with its components, their behaviour, htmx, map, charts.
// Run by `python -m mumian.web.assets`, which knows when it is needed.
import { copyFile, mkdir, readFile, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

import { formatThemeCSS } from "@digdir/designsystemet";
import { build } from "esbuild";

const look = dirname(fileURLToPath(import.meta.url));
const vendor = join(look, "../static/vendor");
// The oldest browsers with cascade layers and :has, which the components need.
const target = ["chrome105", "safari15.4", "firefox121"];

const theme = {
  name: "theme",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^mumian:theme$/ }, ({ path }) => ({ path, namespace: "theme" }));
    onLoad({ filter: /.*/, namespace: "theme" }, async () => {
      const file = join(look, "designsystemet.config.json");
      const [[name, config]] = Object.entries(JSON.parse(await readFile(file, "utf8")).themes);
      return { contents: await formatThemeCSS({ name, ...config }), loader: "css" };
    });
  },
};

await rm(vendor, { recursive: true, force: true });
await mkdir(vendor, { recursive: true });
await build({
  entryPoints: { look: join(look, "components.css"), components: join(look, "components.js") },
  outdir: vendor,
  bundle: true,
  minify: true,
  format: "esm",
  charset: "utf8",
  legalComments: "none",
  logLevel: "warning",
  plugins: [theme],
  target,
});
// Loaded by the pages that have a map or a chart, when it is looked at.
await build({
  entryPoints: { map: join(look, "map.js"), charts: join(look, "charts.js") },
  outdir: vendor,
  bundle: true,
  minify: true,
  format: "esm",
  charset: "utf8",
  legalComments: "none",
  logLevel: "warning",
  external: ["./maplibre/*"],
  target: ["chrome111", "safari16.4", "firefox121"],
});

const copied = {
  "htmx.min.js": "htmx.org/dist/htmx.min.js",
  "maplibre/maplibre-gl.mjs": "maplibre-gl/dist/maplibre-gl.mjs",
  "maplibre/maplibre-gl-worker.mjs": "maplibre-gl/dist/maplibre-gl-worker.mjs",
  "maplibre/maplibre-gl.css": "maplibre-gl/dist/maplibre-gl.css",
};
await mkdir(join(vendor, "maplibre"), { recursive: true });
for (const [file, from] of Object.entries(copied)) {
  await copyFile(fileURLToPath(import.meta.resolve(from)), join(vendor, file));
}

// What papers are set in; not served.
const fonts = join(look, "../../papers/fonts");
await mkdir(fonts, { recursive: true });
for (const weight of ["Regular", "Bold"]) {
  const inPackage = join(dirname(fileURLToPath(import.meta.resolve("@embedpdf/fonts-sc"))), "../fonts");
  await copyFile(join(inPackage, `NotoSansHans-${weight}.otf`), join(fonts, `NotoSansHans-${weight}.otf`));
}
