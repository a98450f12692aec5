// A relying party's side of both ceremonies.

import { type Bytes, plain } from './bytes.js';
import { PublicKeyCredential } from './credential.js';
import { call } from './door.js';
import { type Failure, type Step, VerificationError } from './errors.js';
import type { AlgorithmName } from './generated/model.js';
import type { CredentialRecord } from './json.js';
import type { Options } from './page.js';

/** What the standard leaves to the relying party. What is left out has the standard's default. */
export interface Policy {
  /** Whether a registration without attestation is acceptable. Default: yes. */
  noneAttestation?: boolean;
  /** Whether self attestation is acceptable. Default: yes. */
  selfAttestation?: boolean;
  /** Whether `x5c` of a packed statement may include the trust anchor. Default: yes. */
  rootInX5c?: boolean;
  /** Whether the AAGUID of a fido-u2f attestation has to be zero. Default: no. */
  fidoU2fZeroAaguid?: boolean;
  /** What BE has to be. Default: either. */
  backupEligible?: boolean;
  /** What BS has to be. Default: either. */
  backedUp?: boolean;
  /** Whether extension outputs that were not asked for are refused. Default: no. */
  refuseUnsolicitedExtensions?: boolean;
  /** Whether CBOR has to be in the CTAP2 canonical encoding form. Default: yes. */
  canonicalCbor?: boolean;
  /** The attestation statement formats that are acceptable. Default: all. */
  formats?: string[];
}

/** What both ceremonies are held to. */
export interface Expectations {
  /** The options that the server sent. Or else `challenge`. */
  options?: Options;
  challenge?: string | Bytes;
  /** Default: the RP ID of the options. */
  rpId?: string;
  /** The origins of the server's pages. */
  origin: string | string[];
  /** Whether the server expects to be embedded in pages of other origins. */
  crossOrigin?: boolean;
  /** The pages in which it expects to be embedded. */
  topOrigins?: string[];
  /** Whether user verification is required. Default: what the options say, or no. */
  userVerification?: boolean;
  policy?: Policy;
  /** Whether the result, or the error, has every step. */
  steps?: boolean;
}

export interface RegistrationExpectations extends Expectations {
  /** The algorithms that were asked for. Default: what the options say, or ES256. */
  algorithms?: AlgorithmName[];
  /** Whether the create was conditional. */
  conditional?: boolean;
  /** Who may attest: `anybody`, `test-root`, or PEM of certificates. Default: anybody. */
  trust?: string | string[];
  /** What is registered already. */
  credentials?: CredentialRecord[];
}

export interface AuthenticationExpectations extends Expectations {
  /** What is registered. */
  credentials: CredentialRecord | CredentialRecord[];
  /** The user handle of the user who was identified before. */
  userHandle?: string | Bytes;
  /** Whether a signature counter that does not rise is let pass. */
  staleSignCount?: boolean;
}

export interface VerifiedRegistration {
  /** What to store. */
  credential: Required<Omit<CredentialRecord, 'userHandle'>> & Pick<CredentialRecord, 'userHandle'>;
  /** The authenticator's model. */
  aaguid: string;
  /** The attestation statement format. */
  format: string;
  /** The type of attestation, in the standard's words. */
  attestation: string;
  steps?: Step[];
}

export interface VerifiedAuthentication {
  /** What to store from now on. */
  credential: VerifiedRegistration['credential'];
  steps?: Step[];
}

/** What a relying party is sent: what `create` or `get` gave here or in a browser, its JSON, or its text. */
export type SentResponse = string | object;

type Verdict<T> = ({ verified: true } & T) | { verified: false; failure: Failure; steps?: Step[] };

/** Verifies a registration (WebAuthn L3 §7.1). Throws a `VerificationError` that says the step. */
export function verifyRegistration(
  response: SentResponse,
  expected: RegistrationExpectations,
): VerifiedRegistration {
  return verify('verify.registration', response, expected);
}

/** Verifies an authentication (WebAuthn L3 §7.2). Throws a `VerificationError` that says the step. */
export function verifyAuthentication(
  response: SentResponse,
  expected: AuthenticationExpectations,
): VerifiedAuthentication {
  return verify('verify.authentication', response, expected);
}

function verify<T>(op: string, response: SentResponse, expected: Expectations): T {
  const { options, ...rest } = expected;
  const verdict = call<Verdict<T>>(op, {
    ...(plain(rest) as object),
    options: typeof options === 'string' ? options : plain(options),
    response: sent(response),
  });
  if (!verdict.verified) throw new VerificationError(verdict.failure, verdict.steps);
  const { verified, ...result } = verdict;
  return result as T;
}

/** The response as it goes over the wire: some faults are in the text alone. */
function sent(response: SentResponse): unknown {
  if (response instanceof PublicKeyCredential && response.preset === 'l3') return response.body;
  return typeof response === 'string' ? response : plain(response);
}
