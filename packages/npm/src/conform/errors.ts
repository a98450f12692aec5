// What a test that fails says.

import { StuntkeyError } from '../errors.js';
import type { EndedCase, Outcome } from './run.js';

/** The application does not conform. The message is the report for people. */
export class ConformanceError extends StuntkeyError {
  readonly outcome: Outcome;

  constructor(outcome: Outcome) {
    super({ name: 'ConformanceError', message: outcome.summary });
    this.outcome = outcome;
  }
}

/** A case that speaks against the application. */
export class CaseError extends StuntkeyError {
  readonly case: EndedCase;

  constructor(ended: EndedCase) {
    const { id, requirement, why } = ended;
    super({ name: 'CaseError', message: `${id}: the relying party ${requirement}; ${why}` });
    this.case = ended;
  }
}
