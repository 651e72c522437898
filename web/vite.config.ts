import { readdirSync } from "node:fs";
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
  generateBundle(_, bundle) {
    for (const file of Object.values(bundle)) {
      if (/\.(js|css|svg)$/.test(file.fileName)) {
        const text = Buffer.from(file.type === "chunk" ? file.code : file.source);
        const source = brotliCompressSync(text, {
          params: { [constants.BROTLI_PARAM_SIZE_HINT]: text.length },
        });
        this.emitFile({ type: "asset", fileName: `${file.fileName}.br`, source });
      }
    }
  },
};

export default defineConfig({
  root,
  plugins: [compressed],
  build: {
    outDir: "../api/static",
    emptyOutDir: true,
    target: "es2022",
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: { input: pages, checks: { pluginTimings: false } },
  },
  server: {
    proxy: Object.fromEntries(
      ["/api", "/id", "/docs", "/openapi.json", "/sparql", "/table", "/icon.svg", "/version"].map(
        (path) => [path, service],
      ),
    ),
  },
});
