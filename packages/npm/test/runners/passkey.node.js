import assert from 'node:assert/strict';
import test from 'node:test';
import { Authenticator, verifyRegistration } from 'stuntkey';

const origin = 'https://login.example.com';
const options = {
  rp: { id: 'example.com', name: 'Example' },
  user: { id: 'YWRh', name: 'ada@example.com', displayName: 'Ada' },
  challenge: 'dGhlIGNoYWxsZW5nZSBvZiBhIHNlcnZlcg',
  pubKeyCredParams: [{ type: 'public-key', alg: -7 }],
};

test('a registration is verified, and a faulty one is not', async () => {
  const page = Authenticator.at(origin);
  const expected = { options, origin };
  assert.equal(verifyRegistration(await page.create(options), expected).format, 'none');
  const faulty = await page.create(options, { fault: 'client-data/origin/subdomain' });
  assert.throws(() => verifyRegistration(faulty, expected), { check: 'client-data/origin' });
  await assert.rejects(page.create(options, { user: 'denied' }), { name: 'NotAllowedError' });
});
