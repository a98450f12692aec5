import { Authenticator, type FaultId } from 'stuntkey';
import { expect, test } from 'vitest';

const ORIGIN = 'https://login.example.com';

/** What passport-fido2-webauthn has no types for, as far as it is used here. */
interface Strategy {
  success(user: unknown): void;
  fail(reason: { message: string }, status: number): void;
  error(error: Error): void;
  authenticate(request: object): void;
}
interface StrategyClass {
  new (options: object, verify: unknown, register: unknown): Strategy;
}
interface ChallengeStoreClass {
  new (): {
    challenge(
      request: object,
      options: object,
      done: (error: unknown, challenge: Buffer) => void,
    ): void;
  };
}
const { default: passport } = (await import('passport-fido2-webauthn' as string)) as {
  default: { Strategy: StrategyClass; SessionChallengeStore: ChallengeStoreClass };
};

type Done = (error: unknown, ...results: unknown[]) => void;

/** One user's session with a server that has the strategy. */
class Server {
  readonly #keys = new Map<string, string>();
  readonly #session = {};
  readonly #store = new passport.SessionChallengeStore();

  async challenge(): Promise<string> {
    const user = { id: Buffer.from('ada'), name: 'ada' };
    return new Promise((resolve, reject) => {
      this.#store.challenge({ session: this.#session }, { user }, (error, challenge) =>
        error ? reject(error) : resolve(challenge.toString('base64url')),
      );
    });
  }

  /** The user who has logged in; throws what the strategy says to a refusal. */
  async post(body: string): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const strategy = new passport.Strategy(
        { store: this.#store },
        (id: string, handle: Buffer, done: Done) =>
          done(null, handle.toString(), this.#keys.get(id)),
        (user: { name: string }, id: string, pem: string, done: Done) => {
          this.#keys.set(id, pem);
          done(null, user.name);
        },
      );
      strategy.success = resolve;
      strategy.fail = ({ message }) => reject(new Error(message));
      strategy.error = reject;
      const request = {
        body: JSON.parse(body) as unknown,
        session: this.#session,
        headers: { host: 'login.example.com' },
        connection: { encrypted: true },
        app: { get: () => false },
      };
      strategy.authenticate(request);
    });
  }
}

const page = () => Authenticator.at(ORIGIN);

async function register(server: Server, at: ReturnType<typeof page>, fault?: FaultId) {
  const options = {
    challenge: await server.challenge(),
    rp: { name: 'Example' },
    user: { id: Buffer.from('ada'), name: 'ada', displayName: 'Ada' },
    pubKeyCredParams: [{ type: 'public-key', alg: -7 }],
    authenticatorSelection: { residentKey: 'required' },
  };
  return server.post((await at.create(options, fault && { fault })).body);
}

async function logIn(server: Server, at: ReturnType<typeof page>, fault?: FaultId) {
  const options = { challenge: await server.challenge() };
  return server.post((await at.get(options, fault && { fault })).body);
}

test('registers and logs in', async () => {
  const [server, at] = [new Server(), page()];
  expect(await register(server, at)).toBe('ada');
  expect(await logIn(server, at)).toBe('ada');
});

test('refuses another origin, and a flipped bit of a signature', async () => {
  const [server, at] = [new Server(), page()];
  await expect(register(server, at, 'client-data/origin/subdomain')).rejects.toThrow('Origin');
  await register(server, at);
  await expect(logIn(server, at, 'signature/value/corrupted')).rejects.toThrow('signature');
});
