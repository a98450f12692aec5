import { expect, test } from '@jest/globals';
import { Authenticator } from 'stuntkey';
import 'stuntkey/jest';

const origin = 'https://login.example.com';
const options = {
  rp: { id: 'example.com', name: 'Example' },
  user: { id: 'YWRh', name: 'ada@example.com', displayName: 'Ada' },
  challenge: 'dGhlIGNoYWxsZW5nZSBvZiBhIHNlcnZlcg',
  pubKeyCredParams: [{ type: 'public-key', alg: -7 }],
};

test('a registration is verified, and a faulty one is not', async () => {
  const page = Authenticator.at(origin);
  const binary = { ...options, user: { ...options.user, id: new Uint8Array([1, 2, 3]) } };
  expect(await page.create({ publicKey: binary })).toBeVerifiedRegistration({ options, origin });
  const faulty = await page.create(options, { fault: 'client-data/origin/subdomain' });
  expect(faulty).not.toBeVerifiedRegistration({ options, origin });
  expect(page.key).toHaveCredential({ rpId: 'example.com' });
  await expect(page.create(options, { user: 'denied' })).rejects.toThrow('the user said no');
  expect(() => expect(faulty).toBeVerifiedRegistration({ options, origin })).toThrow('step 9');
});
