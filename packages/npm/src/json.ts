// The JSON types of WebAuthn Level 3 §5.1, as responses have them.

/** How clients reach an authenticator. */
export type AuthenticatorTransport = 'usb' | 'nfc' | 'ble' | 'smart-card' | 'hybrid' | 'internal';

export type AuthenticatorAttachment = 'platform' | 'cross-platform';

/**
 * The outputs that every server library's types agree on. `getClientExtensionResults()` has all of them: many libraries
 * give `prf` and `largeBlob` bytes in JSON, too, so that what has them as text could not be handed over.
 */
export interface CommonExtensionOutputsJSON {
  appid?: boolean;
  credProps?: { rk?: boolean };
}

export interface AuthenticationExtensionsClientOutputsJSON extends CommonExtensionOutputsJSON {
  appidExclude?: boolean;
  prf?: { enabled?: boolean; results?: { first: string; second?: string } };
  largeBlob?: { supported?: boolean; blob?: string; written?: boolean };
  credBlob?: boolean;
  getCredBlob?: string;
  minPinLength?: number;
  hmacCreateSecret?: boolean;
  uvm?: number[][];
}

export interface RegistrationResponseJSON {
  id: string;
  rawId: string;
  response: {
    clientDataJSON: string;
    authenticatorData: string;
    transports: AuthenticatorTransport[];
    publicKey?: string;
    publicKeyAlgorithm: number;
    attestationObject: string;
  };
  authenticatorAttachment?: AuthenticatorAttachment;
  clientExtensionResults: CommonExtensionOutputsJSON;
  type: 'public-key';
}

export interface AuthenticationResponseJSON {
  id: string;
  rawId: string;
  response: {
    clientDataJSON: string;
    authenticatorData: string;
    signature: string;
    userHandle?: string;
  };
  authenticatorAttachment?: AuthenticatorAttachment;
  clientExtensionResults: CommonExtensionOutputsJSON;
  type: 'public-key';
}

/** Client data (WebAuthn L3 §5.8.1). */
export interface CollectedClientData {
  type: 'webauthn.create' | 'webauthn.get';
  challenge: string;
  origin: string;
  crossOrigin?: boolean;
  topOrigin?: string;
}

/** What a relying party keeps of a credential (WebAuthn L3 §4, credential record). Bytes are base64url. */
export interface CredentialRecord {
  id: string;
  /** The credential public key, a COSE_Key. */
  publicKey: string;
  signCount?: number;
  uvInitialized?: boolean;
  transports?: string[];
  backupEligible?: boolean;
  backupState?: boolean;
  userHandle?: string;
}
