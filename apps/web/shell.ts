// Builds the service worker: one file, which knows all others that the page consists of.

import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { build, type Plugin } from 'vite';

/** After the page is built, builds the service worker that keeps it. */
export function shell(): Plugin {
  return {
    name: 'shell',
    apply: 'build',
    async writeBundle({ dir = 'dist' }) {
      const files = readdirSync(dir, { recursive: true, withFileTypes: true })
        .filter((file) => file.isFile())
        .map((file) => join(file.parentPath, file.name))
        .sort();
      const hash = createHash('sha256');
      for (const file of files) hash.update(readFileSync(file));
      const paths = files.map((file) => file.slice(dir.length).replaceAll('\\', '/'));
      await build({
        configFile: false,
        logLevel: 'warn',
        publicDir: false,
        define: {
          SHELL: JSON.stringify({
            version: hash.digest('hex').slice(0, 16),
            files: paths.filter((path) => path !== '/index.html'),
          }),
        },
        build: {
          target: 'es2022',
          outDir: dir,
          emptyOutDir: false,
          lib: {
            entry: 'src/service-worker.ts',
            formats: ['iife'],
            name: 'worker',
            // Its address never changes: browsers ask there for a newer one.
            fileName: () => 'service-worker.js',
          },
        },
      });
    },
  };
}
