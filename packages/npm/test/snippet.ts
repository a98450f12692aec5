// What stands around the snippets of README.md.

import { type RegistrationCredential, verifyRegistration } from 'stuntkey';

export { app } from './app.js';

export const origin = 'https://login.example.com';

export const options = {
  rp: { id: 'example.com', name: 'Example' },
  user: { id: 'YWRh', name: 'ada@example.com', displayName: 'Ada' },
  challenge: 'dGhlIGNoYWxsZW5nZSBvZiBhIHNlcnZlcg',
  pubKeyCredParams: [{ type: 'public-key' as const, alg: -7 }],
};

/** A server that gives these options and verifies what is posted. */
export async function fetch(
  path: string,
  request: { method: string; headers?: object; body?: string },
): Promise<Response> {
  if (path.endsWith('/options')) return Response.json({ publicKey: options });
  const body = JSON.parse(request.body ?? '') as RegistrationCredential;
  return Response.json(verifyRegistration(body, { options, origin }));
}
