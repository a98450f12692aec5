// A relying party on @simplewebauthn/server, for applications that are spoken to by the FIDO conformance REST binding.

import { randomUUID } from 'node:crypto';
import {
  generateAuthenticationOptions,
  generateRegistrationOptions,
  SettingsService,
  verifyAuthenticationResponse,
  verifyRegistrationResponse,
  type WebAuthnCredential,
} from '@simplewebauthn/server';
import { testRoot } from 'stuntkey';

export const ORIGIN = 'https://login.example.com';
const RP_ID = 'example.com';
const FORMATS = ['packed', 'tpm', 'android-key', 'android-safetynet', 'apple', 'fido-u2f'] as const;

/** What the relying party does wrong. */
export interface Flaws {
  anyChallenge?: boolean;
  anyOrigin?: boolean;
}

/** What it keeps for a browser. */
export interface Session {
  user?: User | undefined;
  challenge?: string | undefined;
  userVerification?: string | undefined;
}

interface User {
  id: Uint8Array<ArrayBuffer>;
  name: string;
  credentials: WebAuthnCredential[];
}

// biome-ignore lint/suspicious/noExplicitAny: requests are what a client sends.
type Action = (kept: Session, body: any) => Promise<object>;

/** What each path answers; a refusal is thrown. */
export function relyingParty(flaws: Flaws = {}): Record<string, Action> {
  for (const identifier of FORMATS) {
    SettingsService.setRootCertificates({ identifier, certificates: [testRoot()] });
  }
  const users = new Map<string, User>();

  /** What a response has to state. A challenge is good for one response. */
  function expected(kept: Session, clientDataJSON: string) {
    const { challenge = '', userVerification } = kept;
    kept.challenge = undefined;
    return {
      expectedChallenge: flaws.anyChallenge ? () => true : challenge,
      expectedOrigin: flaws.anyOrigin ? stated(clientDataJSON) : ORIGIN,
      expectedRPID: RP_ID,
      requireUserVerification: userVerification === 'required',
    };
  }

  return {
    async '/attestation/options'(kept, body) {
      const { username, displayName, attestation, authenticatorSelection, extensions } = body;
      const id = new TextEncoder().encode(randomUUID());
      kept.user = users.get(username) ?? { id, name: username, credentials: [] };
      const options = await generateRegistrationOptions({
        rpName: 'Example',
        rpID: RP_ID,
        userName: username,
        userDisplayName: displayName,
        userID: kept.user.id,
        attestationType: attestation,
        excludeCredentials: kept.user.credentials,
        authenticatorSelection,
        extensions,
        // The library compares the key of `android-key` statements if its curve has two coordinates.
        supportedAlgorithmIDs: [-7, -8, -257],
      });
      kept.challenge = options.challenge;
      kept.userVerification = authenticatorSelection?.userVerification;
      return options;
    },

    async '/attestation/result'(kept, response) {
      const { verified, registrationInfo } = await verifyRegistrationResponse({
        ...expected(kept, response.response.clientDataJSON),
        response,
      });
      if (!verified || !kept.user) throw new Error('the registration is not verified');
      const { credential } = registrationInfo;
      if ([...users.values()].some((user) => find(user, credential.id))) {
        throw new Error('the credential is registered already');
      }
      kept.user.credentials.push(credential);
      users.set(kept.user.name, kept.user);
      return {};
    },

    async '/assertion/options'(kept, { username, userVerification }) {
      kept.user = users.get(username);
      const options = await generateAuthenticationOptions({
        rpID: RP_ID,
        allowCredentials: kept.user?.credentials ?? [],
        userVerification,
      });
      kept.challenge = options.challenge;
      kept.userVerification = userVerification;
      return options;
    },

    async '/assertion/result'(kept, response) {
      const { userHandle, clientDataJSON } = response.response;
      const owners = kept.user ? [kept.user] : [...users.values()];
      const user = owners.find((user) => find(user, response.id));
      const credential = user && find(user, response.id);
      if (!credential) throw new Error('the credential is not known');
      if (userHandle ? Buffer.from(user.id).toString('base64url') !== userHandle : !kept.user) {
        throw new Error('the credential is of another user');
      }
      const { verified, authenticationInfo } = await verifyAuthenticationResponse({
        ...expected(kept, clientDataJSON),
        credential,
        response,
      });
      if (!verified) throw new Error('the signature is not verified');
      credential.counter = authenticationInfo.newCounter;
      return {};
    },
  };
}

/** The origin that client data have. */
function stated(clientDataJSON: string): string {
  return JSON.parse(Buffer.from(clientDataJSON, 'base64url').toString()).origin;
}

function find(user: User, id: string): WebAuthnCredential | undefined {
  return user.credentials.find((credential) => credential.id === id);
}

/** Sessions, by what the cookie `session` says. */
export class Sessions {
  readonly #all = new Map<string, Session>();

  /** The session of a cookie, and the cookie to set if there was none. */
  of(cookie: string | undefined): { kept: Session; cookie?: string } {
    const found = this.#all.get(/session=([^;]+)/.exec(cookie ?? '')?.[1] ?? '');
    if (found) return { kept: found };
    const [kept, name] = [{}, randomUUID()];
    this.#all.set(name, kept);
    return { kept, cookie: `session=${name}; Path=/; Secure; HttpOnly` };
  }
}
