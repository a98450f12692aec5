import { expect, test } from '@jest/globals';
import { conform } from 'stuntkey/conform';
import { app, origin } from './app.js';

conform.tests(test, app, { origin, only: 'registration/challenge/expired' });

test('a listener of Node.js', async () => {
  const { createServer } = await import('node:http');
  const server = createServer((_request, response) => response.end('nothing'));
  const only = 'registration/challenge/unasked';
  expect((await conform.run(server, { origin, only }).finish()).conforms).toBe(false);
});
