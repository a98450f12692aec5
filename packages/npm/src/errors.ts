// What went wrong, where, and what to do next.

/** What the door says in place of an answer. */
export interface Refusal {
  name: string;
  message: string;
  path?: string;
  hint?: string;
}

/**
 * An error with what is known of it. What a browser would raise is a `DOMException` or a `TypeError`, everything else a
 * {@link StuntkeyError}; each of them has these members.
 */
export interface Explained extends Error {
  /** Where, as a JSON path into the options: `$.publicKey.challenge`. */
  readonly path?: string | undefined;
  /** What to do next. It is part of the message, too. */
  readonly hint?: string | undefined;
}

/** An error that no browser has: of what this package was given, or of what it found. */
export class StuntkeyError extends Error implements Explained {
  readonly path: string | undefined;
  readonly hint: string | undefined;

  constructor(refusal: Refusal) {
    super(text(refusal));
    this.name = refusal.name;
    this.path = refusal.path;
    this.hint = refusal.hint;
  }
}

/** A check that failed, in the words of the standard. */
export interface Failure {
  /** The step of WebAuthn §7.1 or §7.2. */
  step: number;
  /** Document, section and step. */
  clause: string;
  /** The check's name, such as `client-data/origin`. */
  check: string;
  requirement: string;
  found: string;
  expected: string;
  /** Where in the response, if the check alone does not say it. */
  place?: string;
  /** All of it in one sentence. */
  message: string;
}

/** A response that a relying party has to refuse, and the step by which. */
export class VerificationError extends StuntkeyError {
  readonly failure: Failure;
  readonly step: number;
  readonly clause: string;
  readonly check: string;
  /** Every step and its verdict, if `steps` was asked for. */
  readonly steps: readonly Step[] | undefined;

  constructor(failure: Failure, steps?: readonly Step[]) {
    super({
      name: 'VerificationError',
      message: failure.message,
      ...(failure.place && { path: failure.place }),
    });
    this.failure = failure;
    this.step = failure.step;
    this.clause = failure.clause;
    this.check = failure.check;
    this.steps = steps;
  }
}

/** One step of WebAuthn §7.1 or §7.2, and what came of it. */
export interface Step {
  step: number;
  title: string;
  clause: string;
  verdict: string;
  reason?: string;
  seen?: string;
}

const OWN_NAMES = new Set([
  'RequestError',
  'HandleError',
  'FaultError',
  'StoreError',
  'ClockError',
  'RandomError',
]);

/** The error of this platform that a refusal is. */
export function asError(refusal: Refusal): Explained {
  const { name, path, hint } = refusal;
  if (name === 'TypeError') return Object.assign(new TypeError(text(refusal)), { path, hint });
  if (OWN_NAMES.has(name) || typeof DOMException === 'undefined') return new StuntkeyError(refusal);
  return Object.assign(new DOMException(text(refusal), name), { path, hint });
}

function text({ message, hint }: Refusal): string {
  return hint === undefined ? message : `${message}\nhint: ${hint}`;
}
