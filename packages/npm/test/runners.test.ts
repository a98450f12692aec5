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
  expect(stderr).toContain('1 passed, 1 total');
});

test('node:test', async () => {
  const { stdout } = await run(process.execPath, ['--test', 'test/runners/passkey.node.js'], {
    cwd: home,
  });
  expect(stdout).toMatch(/pass 1\n/);
});
