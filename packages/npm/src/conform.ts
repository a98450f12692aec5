// The conformance suite before an application in process: no port, no browser, one test.

import {
  type App,
  fetchTransport,
  nodeTransport,
  type Transport,
  transport,
} from './conform/app.js';
import { CaseError, ConformanceError } from './conform/errors.js';
import type { ConformOptions } from './conform/options.js';
import { type Outcome, Run } from './conform/run.js';

export type {
  App,
  Asked,
  Handler,
  Question,
  StepRequest,
  StepResponse,
  Transport,
  Word,
} from './conform/app.js';
export { CaseError, ConformanceError } from './conform/errors.js';
export type { ConformOptions, ProfileName } from './conform/options.js';
export {
  type Case,
  cases,
  type EndedCase,
  type Outcome,
  type ReportFormat,
  Run,
  type Verdict,
} from './conform/run.js';

/** What declares a test: `test` or `it` of Vitest, Jest, `node:test`, Deno or Bun. */
// biome-ignore lint/suspicious/noExplicitAny: each test framework has a context of its own.
export type DeclareTest = (name: string, body: (context?: any) => Promise<void>) => unknown;

/**
 * Plays the suite before an application, and throws a {@link ConformanceError} with the report's summary if it does not
 * conform.
 *
 * The application is a Node.js listener `(request, response)`, as Express, Connect or Koa's `callback()` are; a server of
 * `node:http`; a fetch handler `(Request) => Response`, or an object that has one, as Hono is; a {@link Transport}; or a
 * relying party without HTTP, {@link Asked}.
 */
export async function conform(app: App, options: ConformOptions): Promise<Outcome> {
  const outcome = await new Run(transport(app), options).finish();
  if (!outcome.conforms) throw new ConformanceError(outcome);
  return outcome;
}

/** Makes a run, which tells the cases as they end, and throws for none of them. */
function run(app: App, options: ConformOptions): Run {
  return new Run(transport(app), options);
}

/**
 * Declares one test for each case, and one for the whole. A case that speaks against the application fails its test, and
 * one that could not be played is skipped, if the test framework can do that while a test runs.
 */
function tests(declare: DeclareTest, app: App, options: ConformOptions): void {
  const made = run(app, options);
  for (const { id, requirement } of made.cases) {
    // Jest takes a function with a parameter for one that calls back.
    declare(`${id} ${requirement}`, async (...[context]) => {
      const ended = await made.ended(id);
      if (ended.alarm) throw new CaseError(ended);
      if (ended.verdict === 'skip') context?.skip?.(ended.why);
    });
  }
  declare('the relying party conforms', async () => {
    const outcome = await made.finish();
    if (!outcome.conforms) throw new ConformanceError(outcome);
  });
}

/** Says that an application is a Node.js listener, where that cannot be told. */
function node(app: App): Transport {
  return nodeTransport(app);
}

/** Says that an application is a fetch handler, where that cannot be told. */
function fetch(app: App): Transport {
  return fetchTransport(app);
}

conform.run = run;
conform.tests = tests;
conform.node = node;
conform.fetch = fetch;
