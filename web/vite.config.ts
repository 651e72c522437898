import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, constants } from "node:zlib";
import { defineConfig, type Plugin } from "vite";

/** A page is an HTML file beside this one. */
const root = fileURLToPath(new URL(".", import.meta.url));
const pages = readdirSync(root)
  .filter((name) => name.endsWith(".html"))
  .map((name) => `${root}${name}`);

/** Where `vite` finds the service while the page is being worked on. */
const service = process.env["MECHKG_URL"] ?? "http://127.0.0.1:8000";

/** Lays a compressed copy beside each script and style: better than a server can do in passing. */
const compressed: Plugin = {
  name: "compressed",
  writeBundle({ dir = "" }, bundle) {
    for (const name of Object.keys(bundle).filter((one) => /\.(js|css|svg)$/.test(one))) {
      const text = readFileSync(join(dir, name));
      const params = { [constants.BROTLI_PARAM_SIZE_HINT]: text.length };
      writeFileSync(join(dir, `${name}.br`), brotliCompressSync(text, { params }));
    }
  },
};

export default defineConfig({
  root,
  plugins: [compressed],
  build: {
    outDir: "../api/http/static",
    emptyOutDir: true,
    target: "es2022",
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      input: pages,
      checks: { pluginTimings: false },
      // Browsers that know this compile while they load, not while a reader waits for an answer.
      output: { postBanner: "//# allFunctionsCalledOnLoad" },
    },
  },
  server: {
    proxy: Object.fromEntries(
      ["/api", "/id", "/docs", "/openapi.json", "/sparql", "/table", "/icon.svg", "/version"].map(
        (path) => [path, service],
      ),
    ),
  },
});
