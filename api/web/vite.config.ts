// Builds the console into dist/, which FastAPI serves under /console/. Nothing is inlined: the page's policy allows no
// data: address. sources.json says what the bundle was built from, so that a stale bundle is found without Node.

import { createHash } from "node:crypto";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import react from "@vitejs/plugin-react";
import { defineConfig, type Plugin } from "vite";

const BUILT_FROM = ["index.html", "package-lock.json", "package.json", "public", "src", "tsconfig.json", "vite.config.ts"];

function sourcesSha256(): string {
  const files = BUILT_FROM.flatMap((name) =>
    name.includes(".") ? [name] : readdirSync(name, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name)));
  const digest = createHash("sha256");
  for (const file of files.sort()) {
    digest.update(`${file}\0${createHash("sha256").update(readFileSync(file)).digest("hex")}\n`);
  }
  return digest.digest("hex");
}

const stamp: Plugin = {
  name: "stamp",
  writeBundle: () => writeFileSync("dist/sources.json", `${JSON.stringify({ sha256: sourcesSha256() })}\n`),
};

export default defineConfig({
  base: "/console/",
  plugins: [react(), stamp],
  build: {
    target: "es2022",
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    license: { fileName: "licences.md" },
    chunkSizeWarningLimit: 700,
    rolldownOptions: {
      output: {
        // One name per part, no content hash: the page asks for them with the bundle's hash, and git sees what changed.
        entryFileNames: "[name].js",
        chunkFileNames: "[name].js",
        assetFileNames: "[name][extname]",
      },
    },
  },
  server: { proxy: { "/api": "http://127.0.0.1:8000", "/console/catalogue.json": "http://127.0.0.1:8000" } },
});
