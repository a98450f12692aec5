// The smoke test with nothing that browsers do not have: no `process`, and the module by `fetch`.

import { readFileSync } from 'node:fs';

globalThis.fetch = async (location) => new Response(readFileSync(location));
delete globalThis.process;
await import('../../dist/browser.js');
await import('./smoke.mjs');
