// A run of the suite: asks for one step after another, and has the application carry it out.

import { call } from '../door.js';
import { StuntkeyError } from '../errors.js';
import type { Asked, Question, StepRequest, StepResponse, Transport, Word } from './app.js';
import { type ConformOptions, type ReportFile, reportFiles } from './options.js';

/** A case of the suite. */
export interface Case {
  id: string;
  /** What a relying party has to do: "must refuse …". */
  requirement: string;
  /** `MUST`, `SHOULD`, `MAY` or `advice`. */
  level: string;
  clause: string;
}

export type Verdict = 'pass' | 'weak' | 'fail' | 'advice' | 'skip' | 'error';

/** A case that was played, and what came of it. */
export interface EndedCase {
  id: string;
  requirement: string;
  verdict: Verdict;
  /** Why it is no pass. */
  why: string;
  /** Whether it speaks against the application, by `failOn` and `expectations`. */
  alarm: boolean;
}

export type ReportFormat = 'json' | 'xml' | 'md' | 'html' | 'sarif' | 'txt';

/** What a run came to. */
export interface Outcome {
  conforms: boolean;
  /** The report for people. */
  summary: string;
  cases: readonly EndedCase[];
  /** The report in another format. */
  report(format?: ReportFormat): string;
}

/** The cases that there are, in the order in which they are played. */
export function cases(filter: Pick<ConformOptions, 'only' | 'profile'> = {}): Case[] {
  return call('cases', filter);
}

type Answer = StepResponse | Word | { failed: string } | { hung: true };

type Step =
  | ({ step: 'request' } & StepRequest)
  | ({ step: 'ask' } & Question)
  | { step: 'wait'; milliseconds: number }
  | { step: 'done'; conforms: boolean; summary: string };

// Fake timers of a test would stop the run.
const { setTimeout: later, clearTimeout: never } = globalThis as unknown as {
  setTimeout: (done: () => void, milliseconds: number) => unknown;
  clearTimeout: (timer: unknown) => void;
};

const TIMEOUT = 10_000;

const forgotten = new FinalizationRegistry<number>((run) => {
  try {
    call('conform.free', { run });
  } catch {
    // The door is another one by now.
  }
});

/** A run. It goes on as long as somebody waits for its cases or for its end. */
export class Run implements AsyncIterable<EndedCase> {
  /** The cases that will be played, in their order. */
  readonly cases: readonly Case[];
  readonly #app: Transport | Asked;
  readonly #run: number;
  readonly #timeout: number;
  readonly #files: ReportFile[];
  readonly #ended: EndedCase[] = [];
  #answer: Answer | undefined;
  #going: Promise<void> | undefined;
  #outcome: Outcome | undefined;

  /** @internal Runs are made by `conform.run`. */
  constructor(app: Transport | Asked, options: ConformOptions) {
    const { timeout, report, ...given } = options;
    this.#app = app;
    this.#timeout = timeout ?? TIMEOUT;
    this.#files = reportFiles(report);
    this.#run = call<{ run: number }>('conform.new', {
      ...('send' in app && { description: 'fido' }),
      longestWait: 0,
      ...given,
    }).run;
    forgotten.register(this, this.#run);
    const { only, profile } = options;
    this.cases = cases({ ...(only !== undefined && { only }), ...(profile && { profile }) });
  }

  /** Each case as it ends. */
  async *[Symbol.asyncIterator](): AsyncGenerator<EndedCase, void, void> {
    for (let next = 0; ; next++) {
      while (next >= this.#ended.length && !this.#outcome) await this.#go();
      const ended = this.#ended[next];
      if (!ended) return;
      yield ended;
    }
  }

  /** What came of one case. The cases before it are played first. */
  async ended(id: string): Promise<EndedCase> {
    for (;;) {
      const ended = this.#ended.find((ended) => ended.id === id);
      if (ended) return ended;
      if (this.#outcome) throw this.#missing(id);
      await this.#go();
    }
  }

  /** What all of it came to, whether the application conforms or not. */
  async finish(): Promise<Outcome> {
    for (;;) {
      if (this.#outcome) return this.#outcome;
      await this.#go();
    }
  }

  /** Goes one step on; whoever waits meanwhile waits for the same step. */
  #go(): Promise<void> {
    // A step that failed stays: a run that has lost its module or its answer cannot go on.
    this.#going ??= this.#step().then(() => {
      this.#going = undefined;
    });
    return this.#going;
  }

  #missing(id: string): StuntkeyError {
    if (this.cases.some((one) => one.id === id)) {
      return new StuntkeyError({
        name: 'CaseError',
        message: `${id}: the run ended before this case`,
        hint: 'the summary of the run says why',
      });
    }
    return new StuntkeyError({
      name: 'RequestError',
      message: `found no case ${JSON.stringify(id)} in this run, expected one of its cases`,
      hint: '`cases` of the run lists them',
    });
  }

  async #step(): Promise<void> {
    const answer = this.#answer;
    this.#answer = undefined;
    const members = { run: this.#run, ...(answer && { answer }) };
    const { step, ended } = call<{ step: Step; ended: EndedCase[] }>('conform.next', members);
    this.#ended.push(...ended);
    if (step.step === 'request' || step.step === 'ask') {
      this.#answer = await this.#carriedOut(step);
    } else if (step.step === 'wait') {
      await new Promise<void>((done) => later(done, step.milliseconds));
    } else {
      this.#end(step.conforms, step.summary);
    }
  }

  async #carriedOut(step: Step & { step: 'request' | 'ask' }): Promise<Answer> {
    let timer: unknown;
    const timeIsOver = new Promise<Answer>((done) => {
      timer = later(() => done({ hung: true }), this.#timeout);
    });
    try {
      return await Promise.race([this.#said(step), timeIsOver]);
    } catch (error) {
      return { failed: error instanceof Error ? String(error) : JSON.stringify(error) };
    } finally {
      never(timer);
    }
  }

  async #said(step: Step & { step: 'request' | 'ask' }): Promise<Answer> {
    if (step.step === 'ask') return (this.#app as Asked).ask(step);
    return (this.#app as Transport).send(step);
  }

  #end(conforms: boolean, summary: string): void {
    const report = (format: ReportFormat = 'json') =>
      call<{ text: string }>('conform.report', { run: this.#run, format }).text;
    this.#outcome = { conforms, summary, cases: this.#ended, report };
    if (this.#files.length === 0) return;
    const host = globalThis as { process?: { getBuiltinModule?: (name: string) => Files } };
    const files = host.process?.getBuiltinModule?.('node:fs');
    if (!files) {
      throw new StuntkeyError({
        name: 'RequestError',
        message: '$.report: there are no files here to write the report to',
        path: '$.report',
        hint: 'take it from `report()` of the outcome',
      });
    }
    for (const { path, format } of this.#files) files.writeFileSync(path, report(format));
  }
}

/** The part of `node:fs` that is used. */
interface Files {
  writeFileSync(path: string, text: string): void;
}
