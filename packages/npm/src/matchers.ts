// Matchers for test frameworks whose `expect.extend` is Jest's. `stuntkey/vitest` and `stuntkey/jest` extend it with them.

import type { Authenticator } from './authenticator.js';
import type { CredentialFilter } from './credentials.js';
import { VerificationError } from './errors.js';
import {
  type AuthenticationExpectations,
  type RegistrationExpectations,
  type SentResponse,
  verifyAuthentication,
  verifyRegistration,
} from './verify.js';

/** The matchers as a test writes them. */
export interface StuntkeyMatchers<Result = void> {
  /** The registration is one that a relying party accepts (WebAuthn L3 §7.1). */
  toBeVerifiedRegistration(expected: RegistrationExpectations): Result;
  /** The authentication is one that a relying party accepts (WebAuthn L3 §7.2). */
  toBeVerifiedAuthentication(expected: AuthenticationExpectations): Result;
  /** The key has a credential that fits; without a filter, any. */
  toHaveCredential(filter?: CredentialFilter): Result;
}

/** What a matcher says. */
export interface MatcherResult {
  pass: boolean;
  message: () => string;
}

export function toBeVerifiedRegistration(
  received: SentResponse,
  expected: RegistrationExpectations,
): MatcherResult {
  return judged('registration', () => verifyRegistration(received, expected));
}

export function toBeVerifiedAuthentication(
  received: SentResponse,
  expected: AuthenticationExpectations,
): MatcherResult {
  return judged('authentication', () => verifyAuthentication(received, expected));
}

export function toHaveCredential(key: Authenticator, filter: CredentialFilter = {}): MatcherResult {
  const found = key.credentials.list(filter);
  const all = key.credentials.list();
  const wanted = `one that fits ${JSON.stringify(filter)}`;
  return {
    pass: found.length > 0,
    message: () =>
      found.length > 0
        ? `the key has ${found.length} credentials, expected none that fits ${JSON.stringify(filter)}`
        : `the key has ${all.length} credentials, expected ${wanted}: ${JSON.stringify(all, null, 2)}`,
  };
}

function judged(ceremony: string, verify: () => unknown): MatcherResult {
  try {
    verify();
  } catch (error) {
    if (!(error instanceof VerificationError)) throw error;
    const message = `a relying party has to refuse this ${ceremony}, expected one that it accepts\n${error.message}`;
    return { pass: false, message: () => message };
  }
  const message = `a relying party accepts this ${ceremony}, expected one that it has to refuse`;
  return { pass: true, message: () => message };
}
