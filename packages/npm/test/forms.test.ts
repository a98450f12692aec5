// Options in, and credentials out, in every form that a test has them.

import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { startAuthentication, startRegistration } from '@simplewebauthn/browser';
import {
  Authenticator,
  faults,
  inspect,
  install,
  models,
  type StuntkeyError,
  settings,
  verifyAuthentication,
  verifyRegistration,
} from 'stuntkey';
import { callText } from 'stuntkey/door';
import { expect, test } from 'vitest';
import { creationOptions, login, ORIGIN, registered, requestOptions } from './options.js';

const bytes = (text: string) => new Uint8Array(Buffer.from(text, 'base64url'));

test('options are text, the answer of a server, JSON, or bytes', async () => {
  const page = Authenticator.at(ORIGIN);
  const json = creationOptions();
  const binary = {
    ...json,
    challenge: bytes(json.challenge).buffer,
    user: { ...json.user, id: Buffer.from(json.user.id, 'base64url') },
    excludeCredentials: [{ type: 'public-key', id: new DataView(bytes('AAAA').buffer) }],
  };
  const forms = [
    json,
    JSON.stringify(json),
    { publicKey: json },
    { status: 'ok', data: { options: json } },
    JSON.stringify({ publicKey: json }),
    binary,
    { publicKey: binary, signal: new AbortController().signal },
  ];
  for (const options of forms) {
    const registration = await page.create(options);
    expect(registration.clientData.challenge).toBe(json.challenge);
    expect(registration).toBeVerifiedRegistration({ options: json, origin: ORIGIN });
  }
  expect(page.key).toHaveCredential({ userHandle: Buffer.from('ada') });
});

test('a credential is shaped as the platform has it', async () => {
  const page = Authenticator.at(ORIGIN);
  const registration = await page.create(creationOptions({ extensions: { credProps: true } }));
  const json = registration.toJSON();
  expect(registration).toMatchObject({ type: 'public-key', id: json.id, preset: 'l3' });
  expect(registration.authenticatorAttachment).toBe('platform');
  expect(Buffer.from(registration.rawId).toString('base64url')).toBe(json.id);
  expect(registration.getClientExtensionResults()).toEqual({ credProps: { rk: true } });
  const { response } = registration;
  expect(response.getTransports()).toEqual(['internal']);
  expect(response.getPublicKeyAlgorithm()).toBe(-7);
  expect(response.getPublicKey()?.byteLength).toBe(91);
  expect(new Uint8Array(response.getAuthenticatorData())).toEqual(
    bytes(json.response.authenticatorData),
  );
  expect(response.attestationObject).toBeInstanceOf(ArrayBuffer);
  expect(JSON.parse(registration.body)).toEqual(json);
  expect(registration.contentType).toBe('application/json');
  expect(JSON.parse(JSON.stringify({ registration }))).toEqual({ registration: json });
  expect(Object.prototype.toString.call(registration)).toBe('[object PublicKeyCredential]');

  const authentication = await page.get(requestOptions());
  expect(authentication.response.signature).toBeInstanceOf(ArrayBuffer);
  expect(authentication.response.userHandle?.byteLength).toBe(3);
  expect(authentication.authenticatorData).toMatchObject({ userVerified: true, signCount: 1 });
});

test('a member that a fault broke says so when it is read', async () => {
  const page = Authenticator.at(ORIGIN);
  const broken = await page.create(creationOptions(), { fault: 'reply/client-data-json/not-text' });
  expect(() => broken.response.clientDataJSON).toThrow(
    expect.objectContaining({ name: 'DataError', path: '$.response.clientDataJSON' }),
  );
  expect(broken.toJSON().response.clientDataJSON).toEqual(expect.any(Object));
});

test('verification takes the credential, its JSON, its text, and a challenge in place of options', async () => {
  const page = Authenticator.at(ORIGIN);
  const options = creationOptions();
  const registration = await page.create(options);
  const expected = { options: JSON.stringify(options), origin: [ORIGIN, 'https://example.com'] };
  for (const response of [registration, registration.toJSON(), registration.body]) {
    expect(verifyRegistration(response, expected).credential.id).toBe(registration.id);
  }
  const { credential, steps } = verifyRegistration(registration, {
    challenge: bytes(options.challenge),
    rpId: 'example.com',
    origin: ORIGIN,
    steps: true,
  });
  expect(steps?.map(({ step }) => step)).toContain(24);
  const request = requestOptions();
  const authentication = await page.get(request);
  // The user's handle is in options alone.
  const record = { ...credential, userHandle: 'YWRh' };
  const result = verifyAuthentication(authentication.toJSON(), login(request, record));
  expect(result.credential.signCount).toBe(1);
});

test('an aborted ceremony ends with the reason', async () => {
  const signal = AbortSignal.abort();
  const page = Authenticator.at(ORIGIN);
  await expect(page.create({ publicKey: creationOptions(), signal })).rejects.toThrow(
    expect.objectContaining({ name: 'AbortError' }),
  );
});

test('front-end code finds the page at navigator.credentials', async () => {
  const page = Authenticator.at(ORIGIN, { pin: '1234' });
  const remove = install(page);
  try {
    const options = creationOptions() as Parameters<typeof startRegistration>[0]['optionsJSON'];
    const registration = await startRegistration({ optionsJSON: options });
    expect(registration).toBeVerifiedRegistration({ options, origin: ORIGIN });
    const request = requestOptions();
    const authentication = await startAuthentication({ optionsJSON: request });
    expect(authentication.id).toBe(registration.id);
    const { PublicKeyCredential } = globalThis;
    expect(await PublicKeyCredential.isConditionalMediationAvailable()).toBe(true);
    const parsed = PublicKeyCredential.parseRequestOptionsFromJSON(request);
    expect(parsed.challenge).toBeInstanceOf(ArrayBuffer);
  } finally {
    remove();
  }
  expect('PublicKeyCredential' in globalThis).toBe(false);
});

test('a key speaks CTAP2', () => {
  const key = new Authenticator({ model: 'security_key_ctap2_1' });
  // authenticatorGetInfo.
  const info = key.ctap(Uint8Array.of(4));
  expect(info[0]).toBe(0);
  expect(Buffer.from(info).includes('FIDO_2_1')).toBe(true);
  expect(inspect(info).tree.name).toEqual(expect.any(String));
  key.powerCycle();
  expect(key.capabilities()).toContain('conditionalGet');
});

test('the lists have what the types have', () => {
  expect(models().map(({ name }) => name)).toContain('phone');
  expect(settings().map(({ name }) => name)).toContain('attestation.format');
  expect(faults('authentication', 'signature').length).toBeGreaterThan(5);
});

test('a key that nobody holds is forgotten behind the door', async () => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const handles: number[] = [];
  const { parse } = JSON;
  JSON.parse = (text, reviver) => {
    const made = parse(text, reviver) as { ok?: { client?: number } };
    if (made.ok?.client) handles.push(made.ok.client);
    return made;
  };
  new Authenticator();
  JSON.parse = parse;
  expect(handles).toHaveLength(1);
  const alive = () => {
    const request = { op: 'client.capabilities', client: handles[0], now: 0 };
    return callText(JSON.stringify(request)).startsWith('{"ok"');
  };
  expect(alive()).toBe(true);
  for (let attempt = 0; alive() && attempt < 50; attempt++) {
    await new Promise((resolve) => setTimeout(resolve, 10));
    collect();
  }
  expect(alive()).toBe(false);
});

test('a key is closed at the end of its block', async () => {
  const { key, page } = await registered();
  key[Symbol.dispose]();
  const error = await page.get(requestOptions()).catch((thrown: unknown) => thrown);
  expect((error as StuntkeyError).message).toContain('hint: make a new Authenticator');
});
