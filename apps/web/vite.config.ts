// How the page is built: static files that any server can hand out from its root.

import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vitest/config';
import { shell } from './shell.ts';

// Where `scripts/web dev` and the tests have a server.
const server = process.env['SNUG_SERVER'] ?? 'http://127.0.0.1:8080';
const routes = ['/create-room', '/join-room', '/ice-servers', '/health'];
const proxy = {
  ...Object.fromEntries(routes.map((route) => [route, { target: server }])),
  '/ws': { target: server, ws: true },
};

export default defineConfig({
  plugins: [svelte(), shell()],
  build: {
    target: 'es2022',
    // Nothing is inlined: the page's policy allows no data URLs for code.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  worker: { format: 'es' },
  server: { host: '127.0.0.1', port: 5173, proxy },
  preview: { host: '127.0.0.1', proxy },
  test: { include: ['src/**/*.test.ts'] },
});
