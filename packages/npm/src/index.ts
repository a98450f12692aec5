// stuntkey: a stunt double for a security key.

export * from './about.js';
export { Authenticator, type AuthenticatorOptions } from './authenticator.js';
export type { AuthenticatorData } from './authenticator-data.js';
export type { Bytes } from './bytes.js';
export {
  AuthenticationCredential,
  type AuthenticationExtensionsClientOutputs,
  type AuthenticatorAssertionResponse,
  type AuthenticatorAttestationResponse,
  type Notice,
  type PublicKeyCredential,
  RegistrationCredential,
} from './credential.js';
export type * from './credentials.js';
export {
  type Explained,
  type Failure,
  type Step,
  StuntkeyError,
  VerificationError,
} from './errors.js';
export type * from './generated/fault.js';
export type * from './generated/model.js';
export { type InstallTarget, install } from './install.js';
export type * from './json.js';
export type { Ceremony, Options, Page } from './page.js';
export * from './verify.js';
