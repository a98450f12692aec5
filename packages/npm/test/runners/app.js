// A fetch handler with registrations and logins in memory, on the verifier of this package, for any runtime.

import { verifyAuthentication, verifyRegistration } from 'stuntkey';

export const origin = 'https://login.example.com';
const rp = { id: 'example.com', name: 'Example' };

/** @type {Map<string, { id: string, credentials: import('stuntkey').CredentialRecord[] }>} */
const users = new Map();
/** @type {Map<string, { username: string, options: Record<string, unknown> }>} */
const sessions = new Map();

/**
 * @param {Request} request
 * @returns {Promise<Response>}
 */
export async function app(request) {
  const session = /session=([^;]+)/.exec(request.headers.get('cookie') ?? '')?.[1] ?? random();
  try {
    const answer = answered(new URL(request.url).pathname, session, await request.json());
    const headers = { 'set-cookie': `session=${session}; Path=/` };
    return Response.json({ status: 'ok', ...answer }, { headers });
  } catch (error) {
    return Response.json({ status: 'failed', errorMessage: String(error) }, { status: 400 });
  }
}

/**
 * @param {string} path
 * @param {string} session
 * @param {any} body
 */
function answered(path, session, body) {
  if (path.endsWith('/options')) {
    const { username, userVerification } = body;
    const user = users.get(username) ?? { id: random(), credentials: [] };
    const options =
      path === '/attestation/options'
        ? {
            rp,
            user: { id: user.id, name: username, displayName: username },
            challenge: random(),
            pubKeyCredParams: [{ type: 'public-key', alg: -7 }],
            authenticatorSelection: body.authenticatorSelection,
          }
        : { rpId: rp.id, challenge: random(), userVerification };
    sessions.set(session, { username, options });
    return options;
  }
  const begun = sessions.get(session);
  if (!begun) throw new Error('no ceremony has begun');
  sessions.delete(session);
  const { username, options } = begun;
  if (path === '/attestation/result') {
    const { credential } = verifyRegistration(body, { options, origin });
    const user = users.get(username) ?? { id: '', credentials: [] };
    users.set(username, { ...user, credentials: [...user.credentials, credential] });
    return {};
  }
  const credentials = [...users.values()].flatMap((user) => user.credentials);
  verifyAuthentication(body, { options, origin, credentials });
  return {};
}

function random() {
  return crypto.randomUUID().replaceAll('-', '');
}
