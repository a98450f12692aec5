// A page in a browser, where a key is used.

import type { Authenticator } from './authenticator.js';
import { type Bytes, plain } from './bytes.js';
import { AuthenticationCredential, RegistrationCredential, type Reply } from './credential.js';
import { asError } from './errors.js';
import type { FaultId } from './generated/fault.js';
import type { UserAnswer } from './generated/model.js';
import type { AuthenticationResponseJSON, RegistrationResponseJSON } from './json.js';

/**
 * Options as a server sends them, or as a page has them: the text of the server's answer; that answer as an object, with
 * the options anywhere in it; `PublicKeyCredentialCreationOptionsJSON` or `…RequestOptionsJSON`; or what
 * `navigator.credentials` takes, with bytes in it.
 */
export type Options = string | object;

/** What one ceremony has that others of the key have not. */
export interface Ceremony {
  /** The faults that this ceremony has. */
  fault?: FaultId | readonly FaultId[];
  /** What the user does in this ceremony. */
  user?: UserAnswer;
  /** Whether this ceremony is sound, whatever faults the key was made with. */
  sound?: boolean;
}

/** Carries out an operation on the key. */
export type Call = <T>(op: string, members?: object) => T;

/** A page at an origin. It has the functions of `navigator.credentials`, and the signals of `PublicKeyCredential`. */
export class Page {
  readonly key: Authenticator;
  readonly origin: string;
  readonly topOrigin: string | undefined;
  readonly #call: Call;

  /** @internal Pages are made by `Authenticator.at`. */
  constructor(key: Authenticator, call: Call, origin: string, topOrigin: string | undefined) {
    this.key = key;
    this.#call = call;
    this.origin = origin;
    this.topOrigin = topOrigin;
  }

  /** Registers: answers creation options, as `navigator.credentials.create()` does. */
  async create(options: Options, ceremony: Ceremony = {}): Promise<RegistrationCredential> {
    return new RegistrationCredential(
      this.#perform<RegistrationResponseJSON>('client.register', options, ceremony),
    );
  }

  /** Logs in: answers request options, as `navigator.credentials.get()` does. */
  async get(options: Options, ceremony: Ceremony = {}): Promise<AuthenticationCredential> {
    return new AuthenticationCredential(
      this.#perform<AuthenticationResponseJSON>('client.authenticate', options, ceremony),
    );
  }

  /** The relying party does not know this credential: it goes. */
  async signalUnknownCredential(signal: {
    rpId: string;
    credentialId: string | Bytes;
  }): Promise<void> {
    this.#signal('unknownCredential', signal);
  }

  /** The relying party knows these credentials of the user alone: the others go. */
  async signalAllAcceptedCredentials(signal: {
    rpId: string;
    userId: string | Bytes;
    allAcceptedCredentialIds: (string | Bytes)[];
  }): Promise<void> {
    this.#signal('allAcceptedCredentials', signal);
  }

  /** The user has these names now. */
  async signalCurrentUserDetails(signal: {
    rpId: string;
    userId: string | Bytes;
    name: string;
    displayName: string;
  }): Promise<void> {
    this.#signal('currentUserDetails', signal);
  }

  #perform<Json>(op: string, options: Options, ceremony: Ceremony): Reply<Json> {
    return this.#call(op, {
      ...(plain(ceremony) as object),
      options: typeof options === 'string' ? options : sendable(options),
      origin: this.origin,
      topOrigin: this.topOrigin,
    });
  }

  #signal(signal: string, members: object): void {
    this.#call('client.navigate', { origin: this.origin, topOrigin: this.topOrigin });
    this.#call('client.signal', { ...(plain(members) as object), signal });
  }
}

/** Options as JSON has them, without what only scripts have. */
function sendable(options: object): unknown {
  if (
    options instanceof Promise ||
    (typeof Response !== 'undefined' && options instanceof Response)
  ) {
    const hint =
      options instanceof Promise ? 'await it' : 'give `await response.json()`, or its text';
    const found = options instanceof Promise ? 'a promise' : 'a Response';
    throw asError({
      name: 'TypeError',
      message: `$: found ${found}, expected options, as an object or as text`,
      path: '$',
      hint,
    });
  }
  const { signal, ...rest } = options as { signal?: unknown };
  if (typeof signal !== 'object' || signal === null || !('aborted' in signal))
    return plain(options);
  if (signal.aborted) throw 'reason' in signal ? signal.reason : abortError();
  return plain(rest);
}

function abortError(): Error {
  return asError({ name: 'AbortError', message: 'the ceremony was aborted' });
}
