import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";

/** A page is an HTML file beside this one. */
const root = fileURLToPath(new URL(".", import.meta.url));
const pages = readdirSync(root)
  .filter((name) => name.endsWith(".html"))
  .map((name) => `${root}${name}`);

/** Where `vite` finds the service while the page is being worked on. */
const service = process.env["MECHKG_URL"] ?? "http://127.0.0.1:8000";

export default defineConfig({
  root,
  build: {
    outDir: "../api/static",
    emptyOutDir: true,
    target: "es2022",
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: { input: pages },
  },
  server: {
    proxy: Object.fromEntries(
      ["/api", "/id", "/docs", "/openapi.json", "/sparql", "/table"].map((path) => [path, service]),
    ),
  },
});
