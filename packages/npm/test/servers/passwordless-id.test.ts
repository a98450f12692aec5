import { server } from '@passwordless-id/webauthn';
import { Authenticator, type FaultId } from 'stuntkey';
import { expect, test } from 'vitest';

const ORIGIN = 'https://login.example.com';
const user = { id: 'YWRh', name: 'ada' };

/** The library's server makes challenges alone; its client makes these options of them. */
function creation(challenge: string) {
  return {
    challenge,
    rp: { id: 'example.com', name: 'Example' },
    user: { ...user, displayName: 'ada' },
    pubKeyCredParams: [{ type: 'public-key', alg: -7 }],
    authenticatorSelection: { residentKey: 'required' },
  };
}

async function register(page: ReturnType<typeof Authenticator.at>, fault?: FaultId) {
  const challenge = server.randomChallenge();
  const registration = await page.create(creation(challenge), fault && { fault });
  const { credential } = await server.verifyRegistration(
    { ...registration.toJSON(), user } as Parameters<typeof server.verifyRegistration>[0],
    { challenge, origin: ORIGIN, userVerified: true, domain: 'example.com' },
  );
  return credential;
}

async function logIn(
  page: ReturnType<typeof Authenticator.at>,
  credential: Awaited<ReturnType<typeof register>>,
  fault?: FaultId,
) {
  const challenge = server.randomChallenge();
  const options = { challenge, rpId: 'example.com' };
  const authentication = await page.get(options, fault && { fault });
  return server.verifyAuthentication(
    authentication.toJSON() as Parameters<typeof server.verifyAuthentication>[0],
    credential,
    { challenge, origin: ORIGIN, userVerified: true, counter: 0, domain: 'example.com' },
  );
}

test('registers and logs in', async () => {
  const page = Authenticator.at(ORIGIN);
  const credential = await register(page);
  expect(await logIn(page, credential)).toMatchObject({ credentialId: credential.id });
});

test('refuses another origin, and a flipped bit of a signature', async () => {
  const page = Authenticator.at(ORIGIN);
  await expect(register(page, 'client-data/origin/subdomain')).rejects.toThrow('origin');
  const credential = await register(page);
  await expect(logIn(page, credential, 'signature/value/corrupted')).rejects.toThrow('signature');
});
