import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

/** Where `npm run dev` finds an `antiphon` server; the built page is served by the server itself. */
const SERVER = process.env["ANTIPHON_URL"] ?? "http://127.0.0.1:7880";

export default defineConfig({
  base: "/",
  plugins: [react()],
  build: {
    // The server's Content-Security-Policy allows neither `data:` fonts nor inline scripts.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    target: "es2022",
  },
  server: {
    proxy: {
      "/dev/token": SERVER,
      "/v1": { target: SERVER, ws: true },
    },
  },
  test: {
    environment: "node",
    include: ["src/**/*.test.ts"],
  },
});
