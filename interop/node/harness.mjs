// Running stuntkey, and keeping the tally of checks.

import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

export const ORIGIN = 'https://login.example.com';
export const RP_ID = 'example.com';

export const bytes = (text) => Buffer.from(text, 'base64url');

export function expect(condition, complaint) {
  if (!condition) throw new Error(complaint);
}

export function exit(complaint) {
  console.error(complaint);
  process.exit(1);
}

/** The last byte belongs to the number s, so the DER structure stays whole. */
export function lastBitFlipped(signature) {
  const flipped = Buffer.from(signature);
  flipped[flipped.length - 1] ^= 1;
  return flipped;
}

/** The stuntkey command, with its credentials in a store file of its own. */
class Stuntkey {
  constructor(program, store) {
    this.program = program;
    this.store = store;
  }

  register(options, ...flags) {
    const where = ['--store', this.store, '--origin', ORIGIN];
    return JSON.parse(this.#run(['register', ...where, ...flags, '-'], JSON.stringify(options)));
  }

  /** The PEM root certificate that attestation chains to. */
  root(...flags) {
    return this.#run(['attestation', 'root', ...flags]);
  }

  /** The metadata statement or, by `--blob`, the BLOB. */
  metadata(...flags) {
    return this.#run(['attestation', 'metadata', ...flags]);
  }

  #run(args, input = '') {
    const done = spawnSync(this.program, args, { input, encoding: 'utf8', timeout: 60_000 });
    if (done.error) throw done.error;
    expect(
      done.status === 0,
      `stuntkey ${args.join(' ')}: exit ${done.status}: ${done.stderr.trim()}`,
    );
    return done.stdout;
  }
}

/** Runs checks, each with a fresh store, and prints one line for each. */
export class Checks {
  #passed = 0;
  #failed = 0;

  constructor(peer) {
    const given = process.argv[2] ?? process.env.STUNTKEY;
    if (!given) exit('give the path of stuntkey as the argument, or in STUNTKEY');
    this.program = resolve(given);
    if (!existsSync(this.program)) exit(`stuntkey is not at ${this.program}`);
    this.peer = peer;
  }

  /** Runs `body(stuntkey, ...args)`. What it returns, if anything, is shown. */
  async check(sentence, body, ...args) {
    const directory = mkdtempSync(join(tmpdir(), 'stuntkey-'));
    try {
      const detail = await body(new Stuntkey(this.program, join(directory, 'store')), ...args);
      this.#passed += 1;
      console.log(`${this.peer}: ${sentence}${detail ? `: ${detail}` : ''} ... ok`);
    } catch (error) {
      this.#failed += 1;
      console.log(`${this.peer}: ${sentence} ... FAILED: ${describe(error)}`);
      console.error(error);
    } finally {
      rmSync(directory, { recursive: true });
    }
  }

  finish() {
    console.log(`${this.#passed} passed, ${this.#failed} failed`);
    process.exitCode = this.#failed ? 1 : 0;
  }
}

export const describe = (error) => `${error.name}: ${error.message}`;

/** Runs `action`, which must throw an error saying `words`. Returns the error. */
export async function refusal(action, words) {
  let outcome;
  try {
    outcome = await action();
  } catch (error) {
    expect(error.message.includes(words), `expected "${words}" in ${describe(error)}`);
    return error;
  }
  throw new Error(`not thrown: "${words}", but returned verified ${outcome.verified}`);
}
