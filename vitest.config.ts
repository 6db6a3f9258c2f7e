import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    setupFiles: ['test/support/no-network.ts'],
    // Two cores: more workers than that only make the ones that start processes wait for each other.
    maxWorkers: 2,
    testTimeout: 20_000,
  },
});
