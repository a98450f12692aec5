// The scenarios that the package of every language shows, by the names in packages/scenarios.json.

import { readFileSync } from 'node:fs';
import { test } from 'vitest';
import 'stuntkey/vitest';

const file = new URL('../../scenarios.json', import.meta.url);

export const scenarios = (
  JSON.parse(readFileSync(file, 'utf8')) as { scenarios: Record<string, string> }
).scenarios;

/** A test under the name of a scenario. */
export function scenario(name: string, body: () => void | Promise<void>): void {
  if (!(name in scenarios)) throw new Error(`packages/scenarios.json has no scenario ${name}`);
  test(name, body);
}
