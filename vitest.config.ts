import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    // What takes minutes: `npm run test:slow`.
    include: [
      process.env.npm_lifecycle_event === 'test:slow' ? 'test/**/*.slow.ts' : 'test/**/*.test.ts',
    ],
    globalSetup: ['test/support/share-assembly.ts'],
    setupFiles: ['test/support/no-network.ts'],
    // Two cores: more workers than that only make the ones that start processes wait for each other.
    maxWorkers: 2,
    isolate: false,
    testTimeout: 20_000,
  },
});
