import { env } from "node:process";
import { defineConfig } from "vite";

/** The API that `vite` on its own, for development, passes requests on to. */
const api = env.EXPLORER_API ?? "http://127.0.0.1:8421";

export default defineConfig({
  root: "src",
  // With the page's <base>, so that it also works below a path.
  base: "./",
  build: {
    outDir: "../dist/page",
    emptyOutDir: true,
    target: ["chrome123", "firefox121", "safari17.5"],
    // The server allows no inline sources.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    license: { fileName: "licences.md" },
    reportCompressedSize: false,
  },
  server: { proxy: { "/api": api } },
});
