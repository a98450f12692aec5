// A key: an authenticator with its credentials and its user.

/// <reference lib="esnext.disposable" preserve="true" />

import { type Bytes, fromBase64url, plain, toBase64url, view } from './bytes.js';
import { Credentials } from './credentials.js';
import { call } from './door.js';
import { StuntkeyError } from './errors.js';
import type { FaultId } from './generated/fault.js';
import type { ModelName, ModelSettings, PresetName, UserAnswer } from './generated/model.js';
import { Page } from './page.js';

/** What a key is made of. Everything may be left out. */
export interface AuthenticatorOptions {
  /** What the authenticator is: the name of a model, or its settings. Default: `platform`. */
  model?: ModelName | ModelSettings;
  /** What the user does in every ceremony, or in one after another. Default: what the model says. */
  user?: UserAnswer | readonly UserAnswer[];
  /** What keys, ids and signatures follow from: same seed, same bytes. Default: they are random. */
  seed?: string;
  /** What the private keys of credentials follow from that take no storage. */
  stateless?: string;
  /** PEM of a certificate and its private key: the authority at the end of attestation chains. */
  attestationAuthority?: string;
  /** The ids of the next credentials. */
  credentialIds?: (string | Bytes)[];
  /** The PIN that the user knows. */
  pin?: string;
  /** Whether an authenticator without a PIN is given the user's where it is to verify its user. Default: yes. */
  setsPin?: boolean;
  /** The name of the account to log in with where there are several. */
  account?: string;
  /** The faults that every ceremony has. */
  fault?: FaultId | readonly FaultId[];
  /** The faults that single ceremonies will have: the authenticator becomes what they need. */
  preparedFor?: FaultId | readonly FaultId[];
  /** Whether pages are in a frame that is not same-origin with its ancestors. `at` with a top origin says it of one. */
  crossOrigin?: boolean;
  /** The origins that `/.well-known/webauthn` of the RP ID lists. */
  relatedOrigins?: readonly string[];
  /** Uses whatever RP ID the options name, as no browser does. */
  anyRpId?: boolean;
  /** `mediation: "conditional"`, or not, whatever stands beside the options. */
  conditional?: boolean;
  /** Refuses options that stray from the standard instead of mending them. */
  strict?: boolean;
  /** Lets pages give client data of their own (`remoteClientDataJSON`). */
  remoteClientData?: boolean;
  /** The shape of `body`. Default: the one that goes with the shape of the options. */
  reply?: PresetName;
  /** Members that some shapes of replies carry and the options may lack. */
  replyMembers?: Record<string, string>;
  /** Members of client data after those of the standard. */
  clientDataMembers?: Record<string, unknown>;
  /** The RP IDs that may have an enterprise attestation. */
  enterpriseRpIds?: readonly string[];
}

// A key that nobody holds any more is forgotten behind the door, too.
const forgotten = new FinalizationRegistry<number>((client) => {
  try {
    call('client.free', { client });
  } catch {
    // The door is another one by now.
  }
});

/** A security key, or a passkey provider, with a browser around it. Its credentials live as long as it does. */
export class Authenticator {
  /** What lives on the key. */
  readonly credentials: Credentials;
  #client: number | undefined;

  constructor(options: AuthenticatorOptions = {}) {
    const { user, model, ...rest } = options;
    const settings = typeof model === 'string' ? { base: model } : model;
    const made = call<{ client: number }>('client.new', {
      ...(plain(rest) as object),
      ...(model !== undefined && { model }),
      ...(user !== undefined && { model: { ...settings, user } }),
    });
    this.#client = made.client;
    forgotten.register(this, made.client, this);
    this.credentials = new Credentials((op, members) => this.#call(op, members));
  }

  /** A page at this origin with a key of its own: `Authenticator.at(origin).create(options)`. */
  static at(origin: string, options: AuthenticatorOptions = {}): Page {
    return new Authenticator(options).at(origin);
  }

  /** A page at this origin, on which the key is used; `topOrigin` is that of the page at the top, if it is in a frame. */
  at(origin: string, { topOrigin }: { topOrigin?: string } = {}): Page {
    return new Page(this, (op, members) => this.#call(op, members), origin, topOrigin);
  }

  /** What `PublicKeyCredential.getClientCapabilities()` says is there. */
  capabilities(): string[] {
    return this.#call('client.capabilities');
  }

  /** The certificate that a server has to trust, so that it accepts this key's attestation: PEM. */
  get rootCertificate(): string {
    return this.#call<{ pem: string }>('attestation.root').pem;
  }

  /** The metadata statement of the key's model. */
  metadata(): Record<string, unknown> {
    return this.#call('attestation.metadata');
  }

  /** A metadata BLOB with that statement, signed: a JSON Web Signature. */
  metadataBlob(algorithm: 'ES256' | 'ES384' | 'ES512' | 'RS256' | 'EdDSA' = 'ES256'): string {
    return this.#call('attestation.metadata', { blob: algorithm });
  }

  /** Carries out one CTAP2 command: the command byte and CBOR in, the status byte and CBOR out. */
  ctap(request: Bytes, options: { channel?: number; user?: UserAnswer } = {}): Uint8Array {
    const members = { ...options, request: toBase64url(request) };
    const { response } = this.#call<{ response: string }>('ctap', members);
    return view(fromBase64url(response, '$.response'));
  }

  /** Takes the authenticator's power away and gives it back. */
  powerCycle(): void {
    this.#call('client.powerCycle');
  }

  /** Forgets the key and its credentials at once. A key that nobody holds is forgotten anyway. */
  close(): void {
    if (this.#client === undefined) return;
    forgotten.unregister(this);
    this.#call('client.free');
    this.#client = undefined;
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #call<T>(op: string, members: object = {}): T {
    if (this.#client === undefined) {
      throw new StuntkeyError({
        name: 'HandleError',
        message: 'the key was closed, expected one that is open',
        path: '$.client',
        hint: 'make a new Authenticator, or close this one later',
      });
    }
    return call(op, { ...members, client: this.#client });
  }
}
