// The package where modules are fetched: in browsers. Everything else is as in Node.js.

import { fetchModule, hasFiles } from './door.js';

// Some test runners for Node.js choose this file, too, as their page is a browser's.
if (!hasFiles()) await fetchModule();

export * from './index.js';
