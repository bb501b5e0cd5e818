// Builds the page into web/dist, which the server serves; in development it forwards the server's paths to it.
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vite';

const server = 'http://127.0.0.1:5500';
// The server checks Origin against its own address; in development the page comes from Vite's.
const forward = { target: server, changeOrigin: true, headers: { origin: server } };

export default defineConfig({
  plugins: [svelte()],
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    target: 'es2023',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: { checks: { pluginTimings: false } }, // a slow machine is no warning for whoever starts the server
  },
  server: { proxy: { '/api': forward, '/ingest': forward, '/healthz': forward, '/live': { ...forward, ws: true } } },
});
