// The smoke test with nothing that browsers do not have: no `process`, and the module by `fetch`.

import { readFileSync } from 'node:fs';

delete globalThis.process;

// What servers of single pages answer to anything.
globalThis.fetch = async () => new Response('<!doctype html>');
const refused = await import('../../dist/browser.js').catch((error) => error);
if (!String(refused).includes('hint: serve it')) throw refused;

globalThis.fetch = async (location) => new Response(readFileSync(location));
// A module that failed to load stays so, whatever is fetched later, but under another address.
await import('../../dist/browser.js?again');
await import('./smoke.mjs');
