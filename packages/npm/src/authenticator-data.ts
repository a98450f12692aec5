// Authenticator data, read (WebAuthn L3 §6.1).

import { toBase64url } from './bytes.js';
import { StuntkeyError } from './errors.js';

export interface AuthenticatorData {
  /** SHA-256 of the RP ID. */
  rpIdHash: ArrayBuffer;
  userPresent: boolean;
  userVerified: boolean;
  backupEligible: boolean;
  backupState: boolean;
  signCount: number;
  /** Of a registration: the authenticator's model, as a UUID. */
  aaguid?: string;
  /** Of a registration: base64url. */
  credentialId?: string;
  /** Whether there is extension data. */
  hasExtensions: boolean;
}

/** Reads all but the credential public key and the extension data. */
export function readAuthenticatorData(bytes: ArrayBuffer): AuthenticatorData {
  const data = new DataView(bytes);
  need(bytes, 37);
  const flags = data.getUint8(32);
  const has = (bit: number) => (flags & (1 << bit)) !== 0;
  const read: AuthenticatorData = {
    rpIdHash: bytes.slice(0, 32),
    userPresent: has(0),
    userVerified: has(2),
    backupEligible: has(3),
    backupState: has(4),
    signCount: data.getUint32(33),
    hasExtensions: has(7),
  };
  if (!has(6)) return read;
  need(bytes, 55);
  const end = 55 + data.getUint16(53);
  need(bytes, end);
  return {
    ...read,
    aaguid: uuid(new Uint8Array(bytes, 37, 16)),
    credentialId: toBase64url(new Uint8Array(bytes, 55, end - 55)),
  };
}

function need(bytes: ArrayBuffer, length: number): void {
  if (bytes.byteLength >= length) return;
  const path = '$.response.authenticatorData';
  throw new StuntkeyError({
    name: 'DataError',
    message: `${path}: found ${bytes.byteLength} bytes, expected at least ${length}`,
    path,
  });
}

function uuid(bytes: Uint8Array): string {
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}
