// Test frameworks other than the one that runs this.

import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const run = promisify(execFile);
const home = fileURLToPath(new URL('..', import.meta.url));

test('Jest', async () => {
  const jest = `${home}node_modules/jest/bin/jest.js`;
  const options = ['--rootDir', 'test/runners', '--testRegex', '\\.jest\\.js$'];
  const { stderr } = await run(process.execPath, ['--experimental-vm-modules', jest, ...options], {
    cwd: home,
  });
  expect(stderr).toContain('4 passed, 4 total');
});

test('node:test', async () => {
  const files = ['passkey', 'conform'].map((name) => `test/runners/${name}.node.js`);
  const { stdout } = await run(process.execPath, ['--test', ...files], { cwd: home });
  expect(stdout).toMatch(/pass 10\n/);
});
