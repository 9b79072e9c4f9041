import react from "@vitejs/plugin-react";
import type { Plugin } from "vite";
import { defineConfig } from "vitest/config";

/** Where `npm run dev` finds an `antiphon` server; the built page is served by the server itself. */
const SERVER = process.env["ANTIPHON_URL"] ?? "http://127.0.0.1:7880";

/** The server shows `admin.html` at `/admin`; so does `npm run dev`. */
const adminPath: Plugin = {
  name: "admin-path",
  configureServer(server) {
    server.middlewares.use((request, _, next) => {
      request.url = request.url?.replace(/^\/admin\/?(?=$|\?)/, "/admin.html");
      next();
    });
  },
};

export default defineConfig({
  base: "/",
  plugins: [react(), adminPath],
  build: {
    // The admin view is a page of its own: whoever is in a call downloads none of it.
    rolldownOptions: { input: ["index.html", "admin.html"] },
    // The server's Content-Security-Policy allows neither `data:` fonts nor inline scripts.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    target: "es2022",
  },
  server: {
    proxy: {
      "/dev/token": SERVER,
      "/dev/admin-token": SERVER,
      "/v1": { target: SERVER, ws: true },
    },
  },
  test: {
    environment: "node",
    include: ["src/**/*.test.ts"],
  },
});
