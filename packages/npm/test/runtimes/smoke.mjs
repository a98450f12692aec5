// One registration and one login, by whatever runs this file: Node.js, Deno, Bun, or a browser.

import { Authenticator, verifyAuthentication, verifyRegistration } from 'stuntkey';

const origin = 'https://login.example.com';
const page = Authenticator.at(origin);
const creation = {
  rp: { id: 'example.com', name: 'Example' },
  user: { id: new TextEncoder().encode('ada'), name: 'ada', displayName: 'Ada' },
  challenge: crypto.getRandomValues(new Uint8Array(32)),
  pubKeyCredParams: [{ type: 'public-key', alg: -7 }],
  authenticatorSelection: { residentKey: 'required' },
};
const registration = await page.create({ publicKey: creation });
const { credential } = verifyRegistration(registration, { options: creation, origin });
const request = { challenge: crypto.getRandomValues(new Uint8Array(32)), rpId: 'example.com' };
const authentication = await page.get({ publicKey: request });
verifyAuthentication(authentication, { options: request, origin, credentials: credential });
const refused = await page.get(request, { user: 'denied' }).catch((error) => error);
if (!(refused instanceof DOMException) || refused.name !== 'NotAllowedError') {
  throw new Error(`found ${refused}, expected a NotAllowedError`);
}
globalThis.smoke = 'registered and logged in';
console.log(globalThis.smoke);
