// The tests with real browsers: one after the other, since each wants the whole machine.

import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: [process.env['BENCH'] ? 'e2e/web.bench.ts' : 'e2e/**/*.test.ts'],
    fileParallelism: false,
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
