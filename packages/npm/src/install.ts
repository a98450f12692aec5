// A page under the names that scripts of a page look for, so that front-end code runs in a test as it is.

import { fromBase64url, isBytes } from './bytes.js';
import type { Options, Page } from './page.js';

/** The global object of a page: `globalThis`, or the `window` of jsdom or happy-dom. */
export interface InstallTarget {
  navigator?: object;
  PublicKeyCredential?: unknown;
}

/**
 * Puts the page's functions at `navigator.credentials`, and `PublicKeyCredential` beside it. The function that it gives
 * takes them away again.
 */
export function install(page: Page, target: object = globalThis): () => void {
  const global = target as InstallTarget;
  const undo = [
    define(global, 'PublicKeyCredential', interfaceObject(page)),
    global.navigator
      ? define(global.navigator, 'credentials', container(page))
      : define(global, 'navigator', { credentials: container(page) }),
  ];
  return () => {
    for (const one of undo) one();
  };
}

/** `CredentialsContainer`. */
function container(page: Page): object {
  return {
    create: (options: Options) => page.create(options),
    get: (options: Options) => page.get(options),
    store: async () => undefined,
    preventSilentAccess: async () => undefined,
  };
}

/** The static members of `PublicKeyCredential`. */
function interfaceObject(page: Page): unknown {
  const has = (capability: string) => page.key.capabilities().includes(capability);
  function PublicKeyCredential(): never {
    throw new TypeError('Illegal constructor');
  }
  return Object.assign(PublicKeyCredential, {
    isConditionalMediationAvailable: async () => has('conditionalGet'),
    isUserVerifyingPlatformAuthenticatorAvailable: async () =>
      has('userVerifyingPlatformAuthenticator'),
    getClientCapabilities: async () =>
      Object.fromEntries(page.key.capabilities().map((name) => [name, true])),
    parseCreationOptionsFromJSON: parse,
    parseRequestOptionsFromJSON: parse,
    signalUnknownCredential: page.signalUnknownCredential.bind(page),
    signalAllAcceptedCredentials: page.signalAllAcceptedCredentials.bind(page),
    signalCurrentUserDetails: page.signalCurrentUserDetails.bind(page),
  });
}

/** Options with bytes where the standard's dictionaries have them. */
function parse(json: object): unknown {
  const options = { ...(json as Record<string, unknown>) };
  const bytes = (value: unknown, path: string) =>
    isBytes(value) || value === undefined ? value : fromBase64url(value, path);
  options.challenge = bytes(options.challenge, '$.challenge');
  for (const list of ['excludeCredentials', 'allowCredentials']) {
    const descriptors = options[list];
    if (!Array.isArray(descriptors)) continue;
    options[list] = (descriptors as { id: unknown }[]).map((descriptor) => ({
      ...descriptor,
      id: bytes(descriptor.id, `$.${list}.id`),
    }));
  }
  const user = options.user as { id?: unknown } | undefined;
  if (user) options.user = { ...user, id: bytes(user.id, '$.user.id') };
  return options;
}

/** Sets a member, and gives what sets it back. */
function define(object: object, name: string, value: unknown): () => void {
  const before = Object.getOwnPropertyDescriptor(object, name);
  Object.defineProperty(object, name, { value, configurable: true, writable: true });
  return () => {
    if (before) Object.defineProperty(object, name, before);
    else Reflect.deleteProperty(object, name);
  };
}
