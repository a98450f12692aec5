import { Authenticator, type StuntkeyError } from 'stuntkey';
import { expect } from 'vitest';
import { creationOptions, ORIGIN, registered, requestOptions } from '../options.js';
import { scenario } from '../scenario.js';

scenario('user-denies', async () => {
  const key = new Authenticator({ user: 'denied' });
  const page = key.at(ORIGIN);
  const refused = await page.create(creationOptions()).catch((error: unknown) => error);
  expect(refused).toBeInstanceOf(DOMException);
  expect(refused).toMatchObject({ name: 'NotAllowedError' });
  expect(key).not.toHaveCredential();
  await page.create(creationOptions(), { user: 'verified' });
  expect(key).toHaveCredential({ rpId: 'example.com' });
});

scenario('user-not-verified', async () => {
  const page = new Authenticator().at(ORIGIN);
  const options = creationOptions({ authenticatorSelection: { userVerification: 'discouraged' } });
  const registration = await page.create(options, { user: 'present' });
  expect(registration.authenticatorData).toMatchObject({ userPresent: true, userVerified: false });
  const expected = { options, origin: ORIGIN };
  expect(registration).toBeVerifiedRegistration(expected);
  expect(registration).not.toBeVerifiedRegistration({ ...expected, userVerification: true });
  const required = creationOptions({ authenticatorSelection: { userVerification: 'required' } });
  await expect(page.create(required, { user: 'present' })).rejects.toThrow(
    expect.objectContaining({ name: 'NotAllowedError' }),
  );
});

scenario('excluded-credential', async () => {
  const { page, record } = await registered();
  const excludeCredentials = [{ type: 'public-key', id: record.id }];
  await expect(page.create(creationOptions({ excludeCredentials }))).rejects.toThrow(
    expect.objectContaining({ name: 'InvalidStateError' }),
  );
});

scenario('no-credential', async () => {
  const page = new Authenticator().at(ORIGIN);
  await expect(page.get(requestOptions())).rejects.toThrow(
    expect.objectContaining({
      name: 'NotAllowedError',
      hint: expect.stringContaining('register a credential first'),
      message: expect.stringContaining('\nhint: register'),
    }),
  );
});

scenario('wrong-rp-id', async () => {
  const page = new Authenticator().at('https://evil.example');
  await expect(page.create(creationOptions())).rejects.toThrow(
    expect.objectContaining({
      name: 'SecurityError',
      hint: expect.stringContaining('https://example.com'),
    }),
  );
});

scenario('signals', async () => {
  const { key, page, record } = await registered();
  await page.signalUnknownCredential({ rpId: 'example.com', credentialId: record.id });
  expect(key).not.toHaveCredential();

  const second = await registered();
  await second.page.signalCurrentUserDetails({
    rpId: 'example.com',
    userId: Buffer.from('ada'),
    name: 'lovelace@example.com',
    displayName: 'Ada Lovelace',
  });
  expect(second.key).toHaveCredential({ userName: 'lovelace@example.com' });
  await second.page.signalAllAcceptedCredentials({
    rpId: 'example.com',
    userId: 'YWRh',
    allAcceptedCredentialIds: [],
  });
  expect(second.key).not.toHaveCredential();
});

scenario('misuse', async () => {
  const misuse = (options: object) => {
    try {
      new Authenticator(options);
    } catch (error) {
      return error as StuntkeyError;
    }
    throw new Error('it was taken');
  };
  expect(misuse({ sead: '42' })).toMatchObject({
    name: 'RequestError',
    path: '$.sead',
    message: expect.stringContaining('`seed`'),
  });
  expect(misuse({ model: { counter: 'sideways' } })).toMatchObject({ path: '$.model.counter' });

  const key = new Authenticator();
  const page = key.at(ORIGIN);
  const unknownFault = { fault: 'no/such' as 'client-data/origin/subdomain' };
  await expect(page.create(creationOptions(), unknownFault)).rejects.toThrow(
    expect.objectContaining({
      name: 'FaultError',
      path: '$.fault',
      hint: expect.stringContaining('faults'),
    }),
  );
  const unprepared = { fault: 'trust/anchor/unknown-issuer' } as const;
  await expect(page.create(creationOptions(), unprepared)).rejects.toThrow(
    expect.objectContaining({ name: 'FaultError', hint: expect.stringContaining('preparedFor') }),
  );
  const noOptions = await page.create({ status: 'ok' }).catch((error: unknown) => error);
  expect(noOptions).toBeInstanceOf(TypeError);
  expect(noOptions).toMatchObject({ name: 'TypeError', path: '$' });
  const short = await page
    .create({ publicKey: creationOptions({ challenge: '' }) })
    .catch((error: unknown) => error);
  expect(short).toMatchObject({ name: 'TypeError', path: '$.publicKey.challenge' });
  await expect(page.create(Promise.resolve({}))).rejects.toThrow('hint: await it');
  const circle: { data?: object } = {};
  circle.data = circle;
  await expect(page.create(circle)).rejects.toThrow('response.data');

  key.close();
  key.close();
  await expect(page.get(requestOptions())).rejects.toThrow(
    expect.objectContaining({
      name: 'HandleError',
      path: '$.client',
      hint: expect.stringContaining('new Authenticator'),
    }),
  );
});
