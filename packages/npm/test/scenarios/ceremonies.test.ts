import {
  Authenticator,
  faults,
  testRoot,
  verifyAuthentication,
  verifyRegistration,
  version,
} from 'stuntkey';
import { expect } from 'vitest';
import { creationOptions, login, ORIGIN, registered, requestOptions } from '../options.js';
import { scenario } from '../scenario.js';

scenario('registers-and-logs-in', async () => {
  const page = new Authenticator().at(ORIGIN);
  const creation = creationOptions();
  const registration = await page.create(creation);
  const { credential } = verifyRegistration(registration, { options: creation, origin: ORIGIN });
  const request = requestOptions();
  const authentication = await page.get(request);
  const after = verifyAuthentication(authentication, login(request, credential));
  expect(after.credential).toEqual({ ...credential, signCount: credential.signCount + 1 });
});

scenario('direct-attestation', async () => {
  const page = new Authenticator().at(ORIGIN);
  const options = creationOptions({ attestation: 'direct' });
  const registration = await page.create(options);
  const expected = { options, origin: ORIGIN };
  expect(verifyRegistration(registration, { ...expected, trust: 'test-root' })).toMatchObject({
    format: 'packed',
    aaguid: registration.authenticatorData.aaguid,
  });
  expect(registration).toBeVerifiedRegistration({ ...expected, trust: testRoot() });
  const stranger = testRoot({ seed: 'another authority' });
  expect(() => verifyRegistration(registration, { ...expected, trust: stranger })).toThrow(
    expect.objectContaining({ name: 'VerificationError', step: 24 }),
  );
});

scenario('every-algorithm', async () => {
  const { algorithms } = version();
  expect(algorithms).toContain('ML-DSA-44');
  for (const algorithm of algorithms) {
    const { page, record, key } = await registered(
      { model: { algorithms: [algorithm] } },
      { algorithm },
    );
    expect(key.credentials.list()[0]?.alg, algorithm).toBe(algorithm);
    const request = requestOptions();
    expect(await page.get(request)).toBeVerifiedAuthentication(login(request, record));
  }
});

scenario('every-attestation-format', async () => {
  const formats = [
    'packed',
    'packed-self',
    'tpm',
    'android-key',
    'android-safetynet',
    'fido-u2f',
    'apple',
    'compound',
    'none',
  ] as const;
  for (const format of formats) {
    const key = new Authenticator({ model: { attestation: { format } } });
    const options = creationOptions();
    const registration = await key.at(ORIGIN).create(options);
    const verified = verifyRegistration(registration, {
      options,
      origin: ORIGIN,
      trust: key.rootCertificate,
    });
    expect(verified.format).toBe(format.replace('-self', ''));
  }
});

scenario('discoverable-login', async () => {
  const { page, record } = await registered();
  const request = requestOptions();
  const authentication = await page.get(request);
  expect(authentication).toBeVerifiedAuthentication(login(request, record));
  expect(authentication.id).toBe(record.id);
  const handle = authentication.response.userHandle;
  expect(handle && Buffer.from(handle).toString()).toBe('ada');
});

scenario('two-pages-one-key', async () => {
  const key = new Authenticator();
  const [here, there] = [key.at(ORIGIN), key.at('https://example.org')];
  const first = await here.create(creationOptions());
  const second = await there.create(creationOptions({ rp: { id: 'example.org', name: 'Other' } }));
  expect((await here.get(requestOptions())).id).toBe(first.id);
  expect((await there.get(requestOptions({ rpId: 'example.org' }))).id).toBe(second.id);
  expect(key.credentials.list().map(({ rpId }) => rpId)).toEqual(['example.org', 'example.com']);
});

scenario('iframe', async () => {
  const topOrigin = 'https://shop.example.org';
  const page = new Authenticator().at(ORIGIN, { topOrigin });
  const options = creationOptions();
  const registration = await page.create(options);
  expect(registration.clientData).toMatchObject({ crossOrigin: true, topOrigin });
  const expected = { options, origin: ORIGIN };
  expect(() => verifyRegistration(registration, expected)).toThrow(
    expect.objectContaining({ step: 10 }),
  );
  expect(registration).toBeVerifiedRegistration({ ...expected, topOrigins: [topOrigin] });
});

scenario('counter', async () => {
  const { page, record } = await registered();
  const first = requestOptions();
  const one = await page.get(first);
  const { credential } = verifyAuthentication(one, login(first, record));
  const second = requestOptions();
  const two = await page.get(second);
  expect(two.authenticatorData.signCount).toBeGreaterThan(one.authenticatorData.signCount);
  expect(two).toBeVerifiedAuthentication(login(second, credential));
  expect(() => verifyAuthentication(one, login(first, credential))).toThrow(
    expect.objectContaining({ step: 22 }),
  );
});

scenario('prf', async () => {
  const { page } = await registered({ model: 'full', pin: '1234' }, { extensions: { prf: {} } });
  const secret = async (salt: string) => {
    const extensions = { prf: { eval: { first: Buffer.from(salt) } } };
    const { prf } = (await page.get(requestOptions({ extensions }))).getClientExtensionResults();
    expect(prf?.results?.first.byteLength).toBe(32);
    return Buffer.from(prf?.results?.first ?? new ArrayBuffer()).toString('hex');
  };
  expect(await secret('one')).toBe(await secret('one'));
  expect(await secret('one')).not.toBe(await secret('two'));
});

scenario('faults-of-registrations', async () => {
  const all = faults('registration');
  expect(all.length).toBeGreaterThan(150);
  for (const { id, algorithm, policy = {} } of all) {
    const key = new Authenticator({ preparedFor: id });
    const options = creationOptions({ algorithm });
    const registration = await key.at(ORIGIN).create(options, { fault: id });
    const expected = {
      options,
      origin: ORIGIN,
      trust: key.rootCertificate,
      policy,
      userVerification: true,
      // The id that one of the faults takes.
      credentials: [{ id: Buffer.alloc(32, 0x2a).toString('base64url'), publicKey: '' }],
    };
    expect(registration, id).not.toBeVerifiedRegistration(expected);
    key.close();
  }
});

scenario('faults-of-authentications', async () => {
  const all = faults('authentication');
  expect(all.length).toBeGreaterThan(50);
  for (const { id, algorithm, policy = {} } of all) {
    const { key, page, record } = await registered({ preparedFor: id }, { algorithm });
    const request = requestOptions();
    if (id.startsWith('user/allowed-credential/')) {
      Object.assign(request, { allowCredentials: [{ type: 'public-key', id: record.id }] });
    }
    if (id.startsWith('policy/sign-count/')) record.signCount = 1;
    if (id.startsWith('policy/backup-')) record.backupEligible = true;
    const authentication = await page.get(request, { fault: id });
    const expected = { ...login(request, record), policy, userVerification: true };
    expect(authentication, id).not.toBeVerifiedAuthentication(expected);
    key.close();
  }
});

scenario('sound-beside-a-fault', async () => {
  const page = new Authenticator({ fault: 'client-data/origin/subdomain' }).at(ORIGIN);
  const options = creationOptions();
  const expected = { options, origin: ORIGIN };
  expect(await page.create(options)).not.toBeVerifiedRegistration(expected);
  expect(await page.create(options, { sound: true })).toBeVerifiedRegistration(expected);
  const other = new Authenticator().at(ORIGIN);
  const faulty = await other.create(options, { fault: 'client-data/origin/subdomain' });
  expect(faulty).not.toBeVerifiedRegistration(expected);
  expect(await other.create(options)).toBeVerifiedRegistration(expected);
});
