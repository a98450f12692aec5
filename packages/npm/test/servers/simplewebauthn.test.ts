import {
  generateAuthenticationOptions,
  generateRegistrationOptions,
  SettingsService,
  verifyAuthenticationResponse,
  verifyRegistrationResponse,
  type WebAuthnCredential,
} from '@simplewebauthn/server';
import { Authenticator, type RegistrationResponseJSON, testRoot } from 'stuntkey';
import { expect, test } from 'vitest';

const ORIGIN = 'https://login.example.com';
const RP_ID = 'example.com';

function creation() {
  return generateRegistrationOptions({
    rpName: 'Example',
    rpID: RP_ID,
    userName: 'ada@example.com',
    attestationType: 'direct',
  });
}

function verifyRegistration(response: RegistrationResponseJSON, expectedChallenge: string) {
  return verifyRegistrationResponse({
    response,
    expectedChallenge,
    expectedOrigin: ORIGIN,
    expectedRPID: RP_ID,
  });
}

async function registered(key: Authenticator): Promise<WebAuthnCredential> {
  const options = await creation();
  const registration = await key.at(ORIGIN).create(options);
  const { verified, registrationInfo } = await verifyRegistration(
    registration.toJSON(),
    options.challenge,
  );
  expect(verified).toBe(true);
  expect(registrationInfo?.fmt).toBe('packed');
  return registrationInfo?.credential as WebAuthnCredential;
}

test('registers and logs in', async () => {
  SettingsService.setRootCertificates({ identifier: 'packed', certificates: [testRoot()] });
  const key = new Authenticator();
  const credential = await registered(key);
  const options = await generateAuthenticationOptions({ rpID: RP_ID });
  const authentication = await key.at(ORIGIN).get(options);
  const { verified, authenticationInfo } = await verifyAuthenticationResponse({
    response: authentication.toJSON(),
    expectedChallenge: options.challenge,
    expectedOrigin: ORIGIN,
    expectedRPID: RP_ID,
    credential,
  });
  expect(verified).toBe(true);
  expect(authenticationInfo.newCounter).toBe(credential.counter + 1);
});

test('refuses a registration of another origin, an unknown authority, and a flipped bit', async () => {
  SettingsService.setRootCertificates({ identifier: 'packed', certificates: [testRoot()] });
  const options = await creation();
  const key = new Authenticator();
  const fault = 'client-data/origin/subdomain';
  const other = await key.at(ORIGIN).create(options, { fault });
  await expect(verifyRegistration(other.toJSON(), options.challenge)).rejects.toThrow('origin');
  const stranger = await Authenticator.at(ORIGIN, { seed: 'another authority' }).create(options);
  await expect(verifyRegistration(stranger.toJSON(), options.challenge)).rejects.toThrow(
    'trust anchor',
  );

  const credential = await registered(key);
  const request = await generateAuthenticationOptions({ rpID: RP_ID });
  const flipped = await key.at(ORIGIN).get(request, { fault: 'signature/value/corrupted' });
  const verification = verifyAuthenticationResponse({
    response: flipped.toJSON(),
    expectedChallenge: request.challenge,
    expectedOrigin: ORIGIN,
    expectedRPID: RP_ID,
    credential,
  });
  expect((await verification).verified).toBe(false);
});
