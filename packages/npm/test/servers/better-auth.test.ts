import { passkey } from '@better-auth/passkey';
import { betterAuth } from 'better-auth';
import { memoryAdapter } from 'better-auth/adapters/memory';
import { Authenticator } from 'stuntkey';
import { expect, test } from 'vitest';

const ORIGIN = 'https://login.example.com';

/** A browser's side of the HTTP interface: cookies, and the origin of each request. */
class Browser {
  readonly #auth = betterAuth({
    baseURL: ORIGIN,
    secret: 'a secret that is long enough, and for tests alone',
    database: memoryAdapter({ user: [], session: [], account: [], verification: [], passkey: [] }),
    emailAndPassword: { enabled: true },
    plugins: [passkey({ rpID: 'example.com', rpName: 'Example', origin: ORIGIN })],
    // It would print what it refuses.
    logger: { disabled: true },
    telemetry: { enabled: false },
    rateLimit: { enabled: false },
  });
  readonly #cookies = new Map<string, string>();

  async call(path: string, body?: unknown): Promise<Response> {
    const cookie = [...this.#cookies].map((pair) => pair.join('=')).join('; ');
    const response = await this.#auth.handler(
      new Request(`${ORIGIN}/api/auth${path}`, {
        method: body === undefined ? 'GET' : 'POST',
        headers: { origin: ORIGIN, cookie, 'content-type': 'application/json' },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      }),
    );
    for (const set of response.headers.getSetCookie()) {
      const [name = '', value = ''] = (set.split(';')[0] ?? '').split(/=(.*)/s);
      this.#cookies.set(name, value);
    }
    return response;
  }

  signOut(): void {
    this.#cookies.clear();
  }
}

async function signedUp(): Promise<Browser> {
  const browser = new Browser();
  const account = { email: 'ada@example.com', password: 'correct horse', name: 'Ada' };
  expect((await browser.call('/sign-up/email', account)).status).toBe(200);
  return browser;
}

test('registers and logs in', async () => {
  const browser = await signedUp();
  const page = new Authenticator().at(ORIGIN);
  const creation = await browser.call('/passkey/generate-register-options');
  // A credential is its JSON wherever JSON is written.
  const registration = await page.create(await creation.text());
  const stored = await browser.call('/passkey/verify-registration', { response: registration });
  expect(stored.status).toBe(200);

  browser.signOut();
  const request = await browser.call('/passkey/generate-authenticate-options');
  const authentication = await page.get(await request.text());
  const session = await browser.call('/passkey/verify-authentication', {
    response: authentication,
  });
  expect(session.status).toBe(200);
  expect(await session.json()).toMatchObject({ user: { email: 'ada@example.com' } });
});

test('refuses a registration for another challenge, and a flipped bit of a signature', async () => {
  const browser = await signedUp();
  const page = new Authenticator().at(ORIGIN);
  const register = async (fault?: 'client-data/challenge/other') => {
    const options = await (await browser.call('/passkey/generate-register-options')).text();
    const response = await page.create(options, fault && { fault });
    return browser.call('/passkey/verify-registration', { response });
  };
  expect((await register('client-data/challenge/other')).status).not.toBe(200);
  page.key.credentials.clear();
  expect((await register()).status).toBe(200);

  const request = await (await browser.call('/passkey/generate-authenticate-options')).text();
  const response = await page.get(request, { fault: 'signature/value/corrupted' });
  const refused = await browser.call('/passkey/verify-authentication', { response });
  expect(refused.status).toBeGreaterThanOrEqual(400);
});
