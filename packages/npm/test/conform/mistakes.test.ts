// What a run says where something is wrong with the application, or with the options.

import { type App, type ConformOptions, conform, type Outcome } from 'stuntkey/conform';
import { expect, test, vi } from 'vitest';
import { app } from '../app.js';
import { ORIGIN } from '../relying-party.js';

const options: ConformOptions = {
  origin: ORIGIN,
  only: 'registration/client-data/challenge/other',
  seed: 'npm',
};

async function outcome(app: App, more: Partial<ConformOptions> = {}): Promise<Outcome> {
  return conform.run(app, { ...options, ...more }).finish();
}

test.each<[string, App]>([
  [
    'a listener',
    (_request, _response) => {
      throw new Error('no database');
    },
  ],
  ['an asynchronous listener', async (_request, _response) => Promise.reject(Error('no database'))],
  ['a handler', () => Promise.reject(new Error('no database'))],
  ['middleware', (_request, _response, next) => next(new Error('no database'))],
])('%s that throws is told with what it threw', async (_, app) => {
  const { conforms, summary } = await outcome(app);
  expect(conforms).toBe(false);
  expect(summary).toContain('no database');
});

test('pages instead of JSON, nothing at all, and a closed connection', async () => {
  const html = () => new Response('<h1>Sign in</h1>', { headers: { 'content-type': 'text/html' } });
  const page = await outcome(html);
  expect(page.conforms).toBe(false);
  expect(page.summary).toContain('<h1>Sign in</h1>');
  const middleware = await outcome((_request, _response, next) => next());
  expect(middleware.summary).toContain('404');
  const closed = await outcome((request, _response) => request.socket.destroy());
  expect(closed.summary).toContain('socket hang up');
});

test('an application that does not answer hangs, under fake timers, too', async () => {
  vi.useFakeTimers();
  try {
    const { conforms, summary } = await outcome((_request, _response) => undefined, {
      timeout: 20,
    });
    expect(conforms).toBe(false);
    expect(summary).toMatch(/no answer|hung|in time/);
  } finally {
    vi.useRealTimers();
  }
});

test('cases that were not played say so', async () => {
  const run = conform.run(() => Response.json({ status: 'failed' }), options);
  await run.finish();
  const [one] = run.cases;
  await expect(run.ended(one?.id ?? '')).rejects.toThrow('the run ended before this case');
});

test('a report that cannot be written fails whoever waits', async () => {
  const run = conform.run(() => new Response(), { ...options, report: '/no/such/folder/a.txt' });
  await expect(run.finish()).rejects.toThrow('ENOENT');
});

test('an application that was taken for another kind', async () => {
  const handler = await outcome((_request, _context) => new Response('{}'));
  expect(handler.summary).toContain('conform.fetch(app)');
  const listener = await outcome((_request) => undefined);
  expect(listener.summary).toContain('conform.node(app)');
  expect(() => conform.run({} as App, options)).toThrow('expected a fetch handler');
  expect(() => conform.node({ fetch: app })).toThrow('expected a Node.js listener');
});

test.each<[string, object]>([
  ['$.description', { description: 'toaster' }],
  ['$.description', { description: 'about = 5' }],
  ['$.only', { only: 'no/such' }],
  ['$.report', { report: 'report.pdf' }],
  ['$.failOn', { failOn: 'whim' }],
])('options that are wrong are told at %s', async (path, more) => {
  const error: unknown = await conform(app, { ...options, ...more }).catch((error) => error);
  expect(error).toMatchObject({ name: 'RequestError', path });
});
