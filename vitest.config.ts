import { defineConfig } from 'vitest/config';

/** What takes minutes: `npm run test:slow`. */
const isSlow = process.env.npm_lifecycle_event === 'test:slow';

export default defineConfig({
  test: {
    include: [isSlow ? 'test/**/*.slow.ts' : 'test/**/*.test.ts'],
    setupFiles: ['test/support/no-network.ts'],
    // Two cores: more workers than that only make the ones that start processes wait for each other. What is
    // slow judges delays of seconds, and has the machine for itself.
    maxWorkers: isSlow ? 1 : 2,
    isolate: false,
    testTimeout: 20_000,
    hookTimeout: 30_000,
  },
});
