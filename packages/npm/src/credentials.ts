// The credentials that live on a key.

import { type Bytes, plain } from './bytes.js';
import type { AlgorithmName } from './generated/model.js';
import type { Call } from './page.js';

/** A credential without its private key. Bytes are base64url. */
export interface CredentialInfo {
  id: string;
  rpId: string;
  userHandle: string;
  userName: string;
  userDisplayName: string;
  alg: AlgorithmName;
  discoverable: boolean;
  signCount: number;
  backupEligible: boolean;
  backupState: boolean;
}

/** Which credentials: those that fit everything that is given. */
export interface CredentialFilter {
  id?: string | Bytes;
  rpId?: string;
  userName?: string;
  userHandle?: string | Bytes;
}

/** A credential that no ceremony makes. What is left out is drawn, or has the default of a new credential. */
export interface NewCredential {
  rpId: string;
  id?: string | Bytes;
  /** With a user handle, the credential is discoverable. */
  userHandle?: string | Bytes;
  userName?: string;
  userDisplayName?: string;
  algorithm?: AlgorithmName;
  /** PKCS#8: DER, its base64url, or PEM. */
  privateKey?: string | Bytes;
  signCount?: number;
  backupEligible?: boolean;
  backupState?: boolean;
}

/** What a server stores of a credential that was added. */
export interface AddedCredential {
  id: string;
  /** The credential public key, a COSE_Key. */
  publicKey: string;
  /** The same as a SubjectPublicKeyInfo. */
  publicKeySpki: string;
}

/** WebDriver's form of a credential (WebAuthn L3 §11.3), which Selenium takes. */
export interface WebDriverCredential {
  credentialId: string;
  rpId: string;
  userHandle?: string;
  userName?: string;
  userDisplayName?: string;
  privateKey: string;
  isResidentCredential: boolean;
  signCount: number;
  backupEligibility?: boolean;
  backupState?: boolean;
  largeBlob?: string;
}

/** The form of Playwright's `context.credentials`. */
export interface PlaywrightCredential {
  id: string;
  rpId: string;
  userHandle: string;
  privateKey: string;
  publicKey: string;
  signCount?: number;
}

export class Credentials {
  readonly #call: Call;

  /** @internal A key makes its own. */
  constructor(call: Call) {
    this.#call = call;
  }

  /** The credentials, newest first. */
  list(filter: CredentialFilter = {}): CredentialInfo[] {
    return this.#call('credentials.list', plain(filter) as object);
  }

  add(credential: NewCredential): AddedCredential {
    return this.#call('credentials.add', plain(credential) as object);
  }

  /** Removes those that fit, and says how many they were. */
  remove(filter: CredentialFilter): number {
    return this.#call<{ removed: number }>('credentials.remove', plain(filter) as object).removed;
  }

  /** Removes every credential. */
  clear(): number {
    return this.#call<{ removed: number }>('credentials.remove', { all: true }).removed;
  }

  /** Takes credentials in the form of WebDriver, the DevTools Protocol or Playwright: one, several, or their text. */
  import(credentials: string | object): { imported: number; notices: string[] } {
    return this.#call('credentials.import', {
      credentials: typeof credentials === 'string' ? credentials : plain(credentials),
    });
  }

  /** Gives credentials with their private keys; `pkcs8` is PEM, one text each. */
  export(as: 'webdriver', filter?: CredentialFilter): WebDriverCredential[];
  export(as: 'playwright', filter?: CredentialFilter): PlaywrightCredential[];
  export(as: 'pkcs8', filter?: CredentialFilter): string[];
  export(as: string, filter: CredentialFilter = {}): unknown[] {
    return this.#call('credentials.export', { ...(plain(filter) as object), as });
  }
}
