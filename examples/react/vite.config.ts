import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

export default defineConfig({
  plugins: [react()],
  // The linked client has a React of its own for its tests; the page must load only one.
  resolve: { dedupe: ["react", "react-dom", "@tanstack/react-query"] },
  server: { port: 5173, strictPort: true, fs: { allow: [".", "../../clients/typescript"] } },
});
