// Options as a server sends them.

import { randomBytes } from 'node:crypto';
import {
  Authenticator,
  type AuthenticatorOptions,
  type CredentialRecord,
  type Page,
  verifyRegistration,
} from 'stuntkey';

export const ORIGIN = 'https://login.example.com';

const ALGORITHMS: Record<string, number> = {
  ES256: -7,
  ES384: -35,
  ES512: -36,
  ES256K: -47,
  EdDSA: -8,
  Ed448: -53,
  RS256: -257,
  RS384: -258,
  RS512: -259,
  PS256: -37,
  PS384: -38,
  PS512: -39,
  RS1: -65535,
  'ML-DSA-44': -48,
  'ML-DSA-65': -49,
  'ML-DSA-87': -50,
};

export function challenge(): string {
  return randomBytes(32).toString('base64url');
}

export function creationOptions({ algorithm = 'ES256', ...more }: Record<string, unknown> = {}) {
  return {
    rp: { id: 'example.com', name: 'Example' },
    user: { id: 'YWRh', name: 'ada@example.com', displayName: 'Ada' },
    challenge: challenge(),
    pubKeyCredParams: [{ type: 'public-key', alg: ALGORITHMS[algorithm as string] }],
    authenticatorSelection: { residentKey: 'required' },
    attestation: 'direct',
    ...more,
  };
}

export function requestOptions(more: Record<string, unknown> = {}) {
  return { rpId: 'example.com', challenge: challenge(), ...more };
}

/** A page whose key has a credential, and what the server stored of it. */
export async function registered(
  options: AuthenticatorOptions = {},
  creation: Record<string, unknown> = {},
): Promise<{ key: Authenticator; page: Page; record: CredentialRecord }> {
  const key = new Authenticator(options);
  const page = key.at(ORIGIN);
  const sent = creationOptions(creation);
  const registration = await page.create(sent, { sound: true });
  const { credential } = verifyRegistration(registration, { options: sent, origin: ORIGIN });
  return { key, page, record: credential };
}

/** What a login is held to. */
export function login(options: object, record: CredentialRecord) {
  return { options, origin: ORIGIN, credentials: record };
}
