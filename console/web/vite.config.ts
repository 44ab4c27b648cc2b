import { defineConfig } from "vite";

// Relative to the site's root; nothing is inlined, so that the page lives under default-src 'self'.
export default defineConfig({
  build: {
    outDir: "../static",
    emptyOutDir: true,
    assetsInlineLimit: 0,
    modulePreload: false,
    target: "es2022",
  },
  server: { proxy: { "/api": { target: "http://127.0.0.1:8600", ws: true } } },
});
