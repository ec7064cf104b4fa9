import vue from "@vitejs/plugin-vue";
import { defineConfig } from "vite";

export default defineConfig({
  plugins: [vue()],
  server: { port: 5173, strictPort: true, fs: { allow: [".", "../../clients/typescript"] } },
  // The server's Content-Security-Policy allows nothing inline.
  build: { assetsInlineLimit: 0, modulePreload: { polyfill: false } },
});
