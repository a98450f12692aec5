// The suite before applications in process: what it finds in them.

import { readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { Hono } from 'hono';
import {
  type Asked,
  CaseError,
  ConformanceError,
  type ConformOptions,
  cases,
  conform,
} from 'stuntkey/conform';
import { describe, expect, test, vi } from 'vitest';
import { app, application } from '../app.js';
import { ORIGIN, relyingParty, type Session, Sessions } from '../relying-party.js';

const CHALLENGE = 'registration/client-data/challenge/other';
const options: ConformOptions = { origin: ORIGIN, seed: 'npm' };
const one: ConformOptions = { ...options, only: CHALLENGE };

/** A fetch handler that does what the Express application does. */
function handler(): Hono {
  const hono = new Hono();
  const sessions = new Sessions();
  for (const [path, action] of Object.entries(relyingParty())) {
    hono.post(path, async (context) => {
      const { kept, cookie } = sessions.of(context.req.header('cookie'));
      if (cookie) context.header('set-cookie', cookie);
      return context.json({ status: 'ok', ...(await action(kept, await context.req.json())) });
    });
  }
  hono.onError((error, context) =>
    context.json({ status: 'failed', errorMessage: error.message }, 400),
  );
  return hono;
}

test('Express with @simplewebauthn/server compares origins and challenges', async () => {
  const only = ['registration/client-data/origin', 'authentication/client-data/challenge'];
  const outcome = await conform(app, { ...options, only });
  expect(outcome.cases.map(({ id }) => id)).toEqual(cases({ only }).map(({ id }) => id));
  expect(new Set(outcome.cases.map(({ verdict }) => verdict))).toEqual(new Set(['pass']));
  expect(JSON.parse(outcome.report()).seed).toBe('npm');
});

describe('each case is a test', () => {
  conform.tests(test, app, { ...options, only: ['registration/challenge', CHALLENGE] });
});

test('an application that takes any challenge, or any origin, fails the cases about it', async () => {
  const error: unknown = await conform(application({ anyChallenge: true }), one).catch(
    (error) => error,
  );
  expect(error).toBeInstanceOf(ConformanceError);
  expect(String(error)).toContain(CHALLENGE);
  expect((error as ConformanceError).outcome.cases).toMatchObject([{ verdict: 'fail' }]);

  const only = 'authentication/client-data/origin/other-site';
  const run = conform(application({ anyOrigin: true }), { ...options, only });
  await expect(run).rejects.toThrow(only);
});

test('a case that speaks against the application fails its test, and says why', async () => {
  const declared = new Map<string, () => Promise<void>>();
  const declare = (name: string, body: () => Promise<void>) => declared.set(name, body);
  conform.tests(declare, application({ anyChallenge: true }), one);
  const [name, last] = declared.keys();
  expect(name).toContain(`${CHALLENGE} must refuse`);
  await expect(declared.get(name ?? '')?.()).rejects.toThrow(CaseError);
  await expect(declared.get(name ?? '')?.()).rejects.toThrow('it accepted it');
  await expect(declared.get(last ?? '')?.()).rejects.toThrow(ConformanceError);
});

test('a case that cannot be played skips its test', async () => {
  const only = 'registration/challenge/expired';
  expect(cases({ only })).toHaveLength(1);
  const declared: ((context: object) => Promise<void>)[] = [];
  conform.tests((_, body) => declared.push(body), app, { ...options, only });
  const skip = vi.fn();
  await declared[0]?.({ skip });
  expect(skip).toHaveBeenCalledOnce();
});

test('fetch handlers, servers, and transports are told apart', async () => {
  const hono = handler();
  await conform(hono, one);
  await conform((request: Request) => hono.fetch(request), one);
  await conform(
    conform.fetch((request: Request, _context: unknown) => hono.fetch(request)),
    one,
  );
  await conform(createServer(app), one);
  await conform(conform.node(app), one);
  await conform({ send: conform.fetch(hono).send }, one);
});

test('a relying party without HTTP is asked', async () => {
  const actions = relyingParty();
  const sessions = new Map<number, Session>();
  const asked: Asked = {
    async ask({ session, do: what, reply, userVerification, residentKey, ...more }) {
      const kept = sessions.get(session) ?? {};
      sessions.set(session, kept);
      const authenticatorSelection = { userVerification, residentKey };
      const body = reply ?? { ...more, userVerification, authenticatorSelection };
      const [ceremony, part] = what.split(' ');
      const kind = ceremony === 'registration' ? 'attestation' : 'assertion';
      try {
        return { accepted: await actions[`/${kind}/${part}`]?.(kept, body) };
      } catch (error) {
        return { refused: String(error) };
      }
    },
  };
  await conform(asked, { ...options, only: [CHALLENGE, 'authentication/client-data/origin'] });
  const silent = await conform
    .run({ ask: () => ({}) as never }, one)
    .finish()
    .catch(String);
  expect(silent).toContain('expected a response');
});

test('a run tells each case as it ends, to everybody who waits', async () => {
  const only = ['registration/client-data/challenge'];
  const run = conform.run(app, { ...options, only });
  const told: string[] = [];
  const tell = async () => {
    for await (const { id } of run) told.push(id);
  };
  const [outcome, other] = await Promise.all([run.finish(), run.ended(CHALLENGE), tell()]);
  expect(told).toEqual(run.cases.map(({ id }) => id));
  expect(outcome.conforms).toBe(true);
  expect(other.verdict).toBe('pass');
  await expect(run.ended('no/such')).rejects.toThrow('found no case "no/such"');
});

test('a description of its own says how the application is spoken to', async () => {
  const request = (ceremony: string, path: string) =>
    `[${ceremony}.options]\nurl = "{{base}}/${path}/options"\nbody = '{"username":"{{username}}"}'\n[${ceremony}.result]\nurl = "{{base}}/${path}/result"\n`;
  const description = `about = "an example"\nreply = "l3"\n${request('registration', 'attestation')}${request('authentication', 'assertion')}`;
  await conform(app, { ...one, description });
});

test('the report is written to files, whether the application conforms or not', async () => {
  const files = ['html', 'xml'].map((format) => `${tmpdir()}/stuntkey-${process.pid}.${format}`);
  try {
    await conform(application({ anyChallenge: true }), { ...one, report: files }).catch(() => {});
    const [html = '', xml = ''] = files.map((file) => readFileSync(file, 'utf8'));
    expect(html).toContain('<!DOCTYPE html>');
    expect(xml).toContain('failures="1"');
  } finally {
    for (const file of files) rmSync(file, { force: true });
  }
});
