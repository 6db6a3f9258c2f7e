import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    // Whole days of an operator's on real processes: `npm run test:slow`.
    include: [
      process.env.npm_lifecycle_event === 'test:slow' ? 'test/**/*.slow.ts' : 'test/**/*.test.ts',
    ],
    globalSetup: ['test/support/share-assembly.ts'],
    setupFiles: ['test/support/no-network.ts'],
    // Two cores: more workers than that only make the ones that start processes wait for each other.
    maxWorkers: 2,
    testTimeout: 20_000,
  },
});
