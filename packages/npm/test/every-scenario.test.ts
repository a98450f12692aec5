// A scenario without a test would be a silent gap.

import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { scenarios } from './scenario.js';

test('every scenario of packages/scenarios.json has a test', () => {
  const folder = new URL('scenarios/', import.meta.url);
  const texts = readdirSync(folder).map((file) => readFileSync(new URL(file, folder), 'utf8'));
  const tested = texts.flatMap((text) => [...text.matchAll(/^scenario\('([^']+)'/gm)]);
  expect(tested.map(([, name]) => name).sort()).toEqual(Object.keys(scenarios).sort());
});
