// Applications, told apart, and how a request gets to each of them.

import { StuntkeyError } from '../errors.js';
import { through } from './node.js';

/** A request that the application is to be sent. */
export interface StepRequest {
  /** The number of the request in the run, from 1 on. */
  number: number;
  /** The number of the browser that sends it. Its cookies are among the headers. */
  session: number;
  /** What it is for: "registration options", "registration result" … */
  action: string;
  method: string;
  url: string;
  /** The URL's path, with the query if there is one. */
  pathAndQuery: string;
  headers: [name: string, value: string][];
  /** Empty, if there is none. */
  body: string;
}

/** What the application answers. */
export interface StepResponse {
  status: number;
  headers: [name: string, value: string][];
  body: string;
}

/** Gets requests to an application by means of your own, such as the test client of a framework. */
export interface Transport {
  send(request: StepRequest): Promise<StepResponse>;
}

/** What a relying party without HTTP is asked. */
export interface Question {
  /** The number of the browser that asks. */
  session: number;
  do:
    | 'registration options'
    | 'registration result'
    | 'authentication options'
    | 'authentication result';
  /** For options: the user's name; `null` in a login without a name. */
  username?: string | null;
  displayName?: string;
  /** What the options are to ask for, in the standard's words. */
  userVerification?: string;
  residentKey?: string;
  attestation?: string;
  mediation?: string | null;
  extensions?: Record<string, unknown>;
  /** For results: the client's reply. Some cases have one that is not of the standard's form. */
  // biome-ignore lint/suspicious/noExplicitAny: what a relying party gets from outside has no type.
  reply?: any;
}

/** What it says: the options, or anything for a result; or why it refuses; or how it broke down. */
export type Word = { accepted: unknown } | { refused: string } | { crashed: string };

/** A relying party that is asked without HTTP. */
export interface Asked {
  ask(question: Question): Word | Promise<Word>;
}

/** A Node.js listener, or a fetch handler. */
// biome-ignore lint/suspicious/noExplicitAny: the types of requests are of the platform, or of the framework.
export type Handler = (request: any, ...more: any[]) => unknown;

/** Whatever answers requests. */
export type App =
  | Handler
  | { fetch: Handler }
  | { emit: (event: 'request', ...more: unknown[]) => boolean; listen: Handler }
  | Transport
  | Asked;

/** How an application gets what it is to answer. */
export function transport(app: App): Transport | Asked {
  if (has(app, 'ask') && typeof app !== 'function') return app as Asked;
  if (has(app, 'send') && typeof app !== 'function') return app as Transport;
  if (has(app, 'fetch')) return fetchTransport(app);
  // A fetch handler may have more parameters: the connection in Deno, the route in Next.js. One that has them is taken for
  // a listener, and what it answers shows that it is none.
  if (isServer(app) || (typeof app === 'function' && app.length >= 2)) return nodeTransport(app);
  return fetchTransport(app);
}

export function nodeTransport(app: App): Transport {
  if (isServer(app)) return { send: through((...both) => void app.emit('request', ...both)) };
  if (typeof app !== 'function') throw noApp('a Node.js listener', app);
  // Middleware expects a third argument. Express and Connect call their own handler for errors if it is missing.
  const isMiddleware = app.length >= 3 && !has(app, 'listen');
  return {
    send: through(async (request, response, next) => {
      const result = await (isMiddleware ? app(request, response, next) : app(request, response));
      if (isResponse(result)) {
        throw new TypeError(
          'found a Response from what was taken for a Node.js listener; say conform.fetch(app)',
        );
      }
    }),
  };
}

export function fetchTransport(app: App): Transport {
  const handler = has(app, 'fetch')
    ? (request: unknown) => (app as { fetch: Handler }).fetch(request)
    : app;
  if (typeof handler !== 'function') throw noApp('a fetch handler', app);
  return {
    async send({ method, url, headers, body }) {
      const request = new Request(url, { method, headers, ...(body !== '' && { body }) });
      const response = await handler(request);
      if (!isResponse(response)) {
        const found = response === undefined ? 'nothing' : String(response);
        throw new TypeError(
          `found ${found} from a fetch handler, expected a Response; say conform.node(app) if it is a Node.js listener`,
        );
      }
      return {
        status: response.status,
        headers: [...response.headers],
        body: await response.text(),
      };
    },
  };
}

function has(value: unknown, member: string): boolean {
  const isObject = typeof value === 'object' || typeof value === 'function';
  return (
    isObject && value !== null && typeof (value as Record<string, unknown>)[member] === 'function'
  );
}

function isServer(
  app: App,
): app is { emit: (event: 'request', ...more: unknown[]) => boolean } & App {
  return typeof app === 'object' && has(app, 'emit') && has(app, 'listen');
}

/** Also one of another realm, or of a polyfill. */
function isResponse(value: unknown): value is Response {
  return has(value, 'text') && typeof (value as Response).status === 'number';
}

function noApp(expected: string, found: unknown): StuntkeyError {
  return new StuntkeyError({
    name: 'RequestError',
    message: `found ${found === null ? 'null' : typeof found}, expected ${expected}`,
    hint: "give what `http.createServer` takes, such as Koa's `app.callback()`, a function of Request, or an object with `fetch`, `send` or `ask`",
  });
}
