import { Fido2Lib } from 'fido2-lib';
import { Authenticator, type AuthenticatorOptions, type FaultId } from 'stuntkey';
import { expect, test } from 'vitest';

const ORIGIN = 'https://login.example.com';
const server = new Fido2Lib({
  rpId: 'example.com',
  rpName: 'Example',
  attestation: 'direct',
  cryptoParams: [-7, -257],
});

const text = (bytes: ArrayBuffer) => Buffer.from(bytes).toString('base64url');

/** fido2-lib gives options with bytes in them, and takes buffers: nothing here is JSON. */
async function register(options: AuthenticatorOptions, fault?: FaultId) {
  const page = Authenticator.at(ORIGIN, options);
  const creation = await server.attestationOptions();
  const user = { id: new TextEncoder().encode('ada').buffer, name: 'ada', displayName: 'Ada' };
  const publicKey = { ...creation, user };
  const { rawId, response } = await page.create({ publicKey }, fault && { fault });
  const result = await server.attestationResult(
    {
      rawId,
      id: rawId,
      response: {
        clientDataJSON: text(response.clientDataJSON),
        attestationObject: text(response.attestationObject),
      },
    },
    {
      challenge: text(creation.challenge),
      origin: ORIGIN,
      rpId: 'example.com',
      factor: 'either',
    },
  );
  return { page, result };
}

async function logIn(
  { page, result }: Awaited<ReturnType<typeof register>>,
  fault?: FaultId,
): Promise<unknown> {
  const request = await server.assertionOptions();
  const allowCredentials = [
    { type: 'public-key', id: result.authnrData.get('credId') as ArrayBuffer },
  ];
  const publicKey = { ...request, allowCredentials };
  const { rawId, response } = await page.get({ publicKey }, fault && { fault });
  const { authenticatorData, userHandle } = response;
  return server.assertionResult(
    {
      rawId,
      id: rawId,
      response: {
        clientDataJSON: text(response.clientDataJSON),
        authenticatorData,
        signature: text(response.signature),
        ...(userHandle && { userHandle: text(userHandle) }),
      },
    },
    {
      challenge: text(request.challenge),
      origin: ORIGIN,
      rpId: 'example.com',
      factor: 'either',
      publicKey: result.authnrData.get('credentialPublicKeyPem') as string,
      prevCounter: result.authnrData.get('counter') as number,
      userHandle: text(new TextEncoder().encode('ada').buffer),
    },
  );
}

test.each(['packed', 'packed-self', 'fido-u2f', 'none'] as const)(
  'registers with %s and logs in',
  async (format) => {
    const registration = await register({
      model: { attestation: { format }, resident_key: true },
    });
    expect(registration.result.authnrData.get('fmt')).toBe(format.replace('-self', ''));
    expect(await logIn(registration)).toMatchObject({ audit: { complete: true } });
  },
);

test('refuses another RP ID, and a flipped bit of a signature', async () => {
  await expect(register({}, 'authenticator-data/rp-id-hash/other-site')).rejects.toThrow();
  await expect(logIn(await register({}), 'signature/value/corrupted')).rejects.toThrow('signature');
});
