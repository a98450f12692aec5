// Builds dist/: the scripts, their declarations, and the WebAssembly module, which packages/wasm/build makes.

import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const home = fileURLToPath(new URL('..', import.meta.url));
const module = fileURLToPath(new URL('../../wasm/stuntkey.wasm', import.meta.url));

if (!existsSync(module)) {
  console.error(`${module} is not there: run packages/wasm/build`);
  process.exit(1);
}
rmSync(`${home}dist`, { recursive: true, force: true });
mkdirSync(`${home}dist`);
execFileSync('npx', ['tsc', '--project', `${home}tsconfig.json`], { stdio: 'inherit' });
copyFileSync(module, `${home}dist/stuntkey.wasm`);
