// Bytes in the forms that browsers, Node.js and JSON have.

import { asError, StuntkeyError } from './errors.js';

/** Bytes as the platform takes them: an `ArrayBuffer`, or a view of one, such as a `Uint8Array` or a `Buffer`. */
export type Bytes = ArrayBuffer | ArrayBufferView;

/** base64url without padding. */
export function toBase64url(bytes: Bytes): string {
  let binary = '';
  for (const byte of view(bytes)) binary += String.fromCharCode(byte);
  return btoa(binary).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
}

/** The bytes of base64url; `path` is where the text stands. */
export function fromBase64url(text: unknown, path: string): ArrayBuffer {
  const hint = 'toJSON() gives the response as it is';
  if (typeof text !== 'string') {
    const found = text === undefined ? 'nothing' : JSON.stringify(text);
    throw new StuntkeyError({
      name: 'DataError',
      message: `${path}: found ${found}, expected base64url`,
      path,
      hint,
    });
  }
  try {
    const binary = atob(text.replaceAll('-', '+').replaceAll('_', '/'));
    return Uint8Array.from(binary, (character) => character.charCodeAt(0)).buffer;
  } catch {
    throw new StuntkeyError({
      name: 'DataError',
      message: `${path}: found ${JSON.stringify(text)}, expected base64url`,
      path,
      hint,
    });
  }
}

/** The bytes, without a copy. */
export function view(bytes: Bytes): Uint8Array {
  return ArrayBuffer.isView(bytes)
    ? new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    : new Uint8Array(bytes);
}

/** Whether a value is bytes, also those of another realm: test runners have several. */
export function isBytes(value: unknown): value is Bytes {
  if (ArrayBuffer.isView(value)) return true;
  const tag = Object.prototype.toString.call(value);
  return tag === '[object ArrayBuffer]' || tag === '[object SharedArrayBuffer]';
}

/** No options are nested as deeply; what refers to itself is. */
const DEEPEST = 64;

/** What JSON can say of a value: bytes become base64url, everything else stays. */
export function plain(value: unknown, depth = 0): unknown {
  if (depth > DEEPEST) {
    throw asError({
      name: 'TypeError',
      message: `$: found something nested more than ${DEEPEST} times, expected what JSON can say`,
      path: '$',
      hint: 'give what the server sent, such as `response.data`, and not what a library made around it',
    });
  }
  const inner = (member: unknown) => plain(member, depth + 1);
  if (isBytes(value)) return toBase64url(value);
  if (Array.isArray(value)) return value.map(inner);
  if (typeof value !== 'object' || value === null) return value;
  if ('toJSON' in value && typeof value.toJSON === 'function') return inner(value.toJSON());
  return Object.fromEntries(
    Object.entries(value).map(([name, member]: [string, unknown]) => [name, inner(member)]),
  );
}
