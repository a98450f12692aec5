// What `create` and `get` give: shaped as the platform's PublicKeyCredential, and what a server is sent.

import { type AuthenticatorData, readAuthenticatorData } from './authenticator-data.js';
import { fromBase64url } from './bytes.js';
import type { PresetName } from './generated/model.js';
import type {
  AuthenticationExtensionsClientOutputsJSON,
  AuthenticationResponseJSON,
  AuthenticatorAttachment,
  AuthenticatorTransport,
  CollectedClientData,
  RegistrationResponseJSON,
} from './json.js';

/** Something in the options that was mended or ignored. */
export interface Notice {
  path: string;
  message: string;
}

/** What the door answers to a ceremony. */
export interface Reply<Json> {
  response: Json;
  body: string;
  contentType: string;
  preset: PresetName;
  notices: Notice[];
  missing: string[];
}

/** Extension outputs with bytes as the platform has them. */
export interface AuthenticationExtensionsClientOutputs
  extends Omit<AuthenticationExtensionsClientOutputsJSON, 'prf' | 'largeBlob' | 'getCredBlob'> {
  prf?: { enabled?: boolean; results?: { first: ArrayBuffer; second?: ArrayBuffer } };
  largeBlob?: { supported?: boolean; blob?: ArrayBuffer; written?: boolean };
  getCredBlob?: ArrayBuffer;
}

/** What both ceremonies give. A fault can make members unreadable: reading them then throws, and `toJSON()` has all. */
export abstract class PublicKeyCredential<
  Json extends RegistrationResponseJSON | AuthenticationResponseJSON,
> {
  readonly #reply: Reply<Json>;
  readonly #json: Json;

  constructor(reply: Reply<Json>) {
    this.#reply = reply;
    // Some faults are of the body, and not of what is in it.
    this.#json = reply.preset === 'l3' ? (JSON.parse(reply.body) as Json) : reply.response;
  }

  get id(): string {
    return this.#json.id;
  }

  get rawId(): ArrayBuffer {
    return fromBase64url(this.#json.rawId, '$.rawId');
  }

  get type(): 'public-key' {
    return this.#json.type;
  }

  get authenticatorAttachment(): AuthenticatorAttachment | null {
    return this.#json.authenticatorAttachment ?? null;
  }

  /** The body of the request to the server, in the shape that goes with the shape of the options. */
  get body(): string {
    return this.#reply.body;
  }

  /** The media type of the body. */
  get contentType(): string {
    return this.#reply.contentType;
  }

  /** The shape of the body: `l3` is the standard's. */
  get preset(): PresetName {
    return this.#reply.preset;
  }

  /** What was mended or ignored in the options. */
  get notices(): readonly Notice[] {
    return this.#reply.notices;
  }

  /** Members that the shape of the body requires, and that nobody gave. */
  get missing(): readonly string[] {
    return this.#reply.missing;
  }

  /** The client data, read. */
  get clientData(): CollectedClientData {
    const bytes = fromBase64url(
      this.toJSON().response?.clientDataJSON,
      '$.response.clientDataJSON',
    );
    return JSON.parse(new TextDecoder().decode(bytes)) as CollectedClientData;
  }

  /** The authenticator data, read: flags, counter, AAGUID. */
  get authenticatorData(): AuthenticatorData {
    const path = '$.response.authenticatorData';
    return readAuthenticatorData(fromBase64url(this.toJSON().response?.authenticatorData, path));
  }

  getClientExtensionResults(): AuthenticationExtensionsClientOutputs {
    return outputs(this.toJSON().clientExtensionResults ?? {});
  }

  /** The standard's JSON. `JSON.stringify()` of the credential is its text. */
  toJSON(): Json {
    return this.#json;
  }

  get [Symbol.toStringTag](): string {
    return 'PublicKeyCredential';
  }

  /** What `console.log` shows in Node.js. */
  [Symbol.for('nodejs.util.inspect.custom')](): Json {
    return this.toJSON();
  }
}

/** What `create` gives. */
export class RegistrationCredential extends PublicKeyCredential<RegistrationResponseJSON> {
  get response(): AuthenticatorAttestationResponse {
    return new AuthenticatorAttestationResponse(this.toJSON());
  }
}

/** What `get` gives. */
export class AuthenticationCredential extends PublicKeyCredential<AuthenticationResponseJSON> {
  get response(): AuthenticatorAssertionResponse {
    return new AuthenticatorAssertionResponse(this.toJSON());
  }
}

export class AuthenticatorAttestationResponse {
  readonly #json: RegistrationResponseJSON;

  constructor(json: RegistrationResponseJSON) {
    this.#json = json;
  }

  get clientDataJSON(): ArrayBuffer {
    return fromBase64url(this.#json.response?.clientDataJSON, '$.response.clientDataJSON');
  }

  get attestationObject(): ArrayBuffer {
    return fromBase64url(this.#json.response?.attestationObject, '$.response.attestationObject');
  }

  getAuthenticatorData(): ArrayBuffer {
    return fromBase64url(this.#json.response?.authenticatorData, '$.response.authenticatorData');
  }

  /** The SubjectPublicKeyInfo; null where browsers cannot write the key as one. */
  getPublicKey(): ArrayBuffer | null {
    const key = this.#json.response?.publicKey;
    return key === undefined ? null : fromBase64url(key, '$.response.publicKey');
  }

  /** The COSE algorithm. */
  getPublicKeyAlgorithm(): number {
    return this.#json.response?.publicKeyAlgorithm;
  }

  getTransports(): AuthenticatorTransport[] {
    return [...(this.#json.response?.transports ?? [])];
  }
}

export class AuthenticatorAssertionResponse {
  readonly #json: AuthenticationResponseJSON;

  constructor(json: AuthenticationResponseJSON) {
    this.#json = json;
  }

  get clientDataJSON(): ArrayBuffer {
    return fromBase64url(this.#json.response?.clientDataJSON, '$.response.clientDataJSON');
  }

  get authenticatorData(): ArrayBuffer {
    return fromBase64url(this.#json.response?.authenticatorData, '$.response.authenticatorData');
  }

  get signature(): ArrayBuffer {
    return fromBase64url(this.#json.response?.signature, '$.response.signature');
  }

  get userHandle(): ArrayBuffer | null {
    const handle = this.#json.response?.userHandle;
    return handle === undefined ? null : fromBase64url(handle, '$.response.userHandle');
  }
}

function outputs(
  json: AuthenticationExtensionsClientOutputsJSON,
): AuthenticationExtensionsClientOutputs {
  const { prf, largeBlob, getCredBlob, ...rest } = json;
  const results: AuthenticationExtensionsClientOutputs = rest;
  const path = '$.clientExtensionResults';
  if (prf) {
    const { results: secrets, ...others } = prf;
    results.prf = others;
    if (secrets) {
      const first = fromBase64url(secrets.first, `${path}.prf.results.first`);
      const second = secrets.second;
      results.prf.results =
        second === undefined
          ? { first }
          : { first, second: fromBase64url(second, `${path}.prf.results.second`) };
    }
  }
  if (largeBlob) {
    const { blob, ...others } = largeBlob;
    results.largeBlob = others;
    if (blob !== undefined) results.largeBlob.blob = fromBase64url(blob, `${path}.largeBlob.blob`);
  }
  if (getCredBlob !== undefined) {
    results.getCredBlob = fromBase64url(getCredBlob, `${path}.getCredBlob`);
  }
  return results;
}
