import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    setupFiles: ['stuntkey/vitest'],
    testTimeout: 60_000,
  },
});
