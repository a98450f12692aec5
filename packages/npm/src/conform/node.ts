// A server and a client of Node.js, joined by streams instead of sockets: the application sees its platform's own requests.

import { StuntkeyError } from '../errors.js';
import type { StepRequest, StepResponse } from './app.js';

/** One end of a connection. */
interface End {
  push(chunk: Uint8Array | null): boolean;
  destroy(): void;
  readonly readableEnded: boolean;
}

type Done = (error?: Error | null) => void;

interface IncomingMessage extends AsyncIterable<Uint8Array> {
  readonly statusCode: number;
  readonly rawHeaders: readonly string[];
}

interface ServerResponse {
  readonly headersSent: boolean;
  writeHead(status: number): this;
  end(): void;
}

interface ClientRequest {
  on(event: 'response', listener: (message: IncomingMessage) => void): this;
  on(event: 'error', listener: (error: Error) => void): this;
  end(body?: Uint8Array): void;
}

/** The parts of `node:http` and `node:stream` that are used. */
interface Http {
  createServer(listener: (request: unknown, response: ServerResponse) => void): {
    emit(event: 'connection', connection: End): boolean;
  };
  request(options: object): ClientRequest;
}

interface Streams {
  Duplex: new (options: {
    read: () => void;
    write: (chunk: Uint8Array, encoding: string, done: Done) => void;
    final: (done: Done) => void;
    destroy: (error: Error | null, done: Done) => void;
  }) => End;
}

type Listener = (request: never, response: never, next: (error?: unknown) => void) => unknown;

/** Sends requests through Node's own HTTP to a listener. What the listener throws is thrown. */
export function through(listener: Listener): (request: StepRequest) => Promise<StepResponse> {
  const http = builtin<Http>('node:http');
  const { Duplex } = builtin<Streams>('node:stream');

  return ({ method, url, pathAndQuery, headers, body }) =>
    new Promise((resolve, reject) => {
      const { host, protocol } = new URL(url);
      const [client, served] = connection(Duplex);
      const broken = (error: unknown) => {
        client.destroy();
        served.destroy();
        reject(error);
      };
      const server = http.createServer(async (request, response) => {
        const next = (error?: unknown) => (error ? broken(error) : response.writeHead(404).end());
        try {
          await listener(request as never, response as never, next);
        } catch (error) {
          broken(error);
        }
      });
      // What frameworks ask a socket: who is there, and whether it is TLS.
      Object.assign(served, { remoteAddress: '127.0.0.1', encrypted: protocol === 'https:' });
      server.emit('connection', served);

      http
        .request({
          method,
          path: pathAndQuery,
          setHost: false,
          headers: { host, ...byName(headers) },
          createConnection: () => client,
        })
        .on('error', reject)
        .on('response', (message) => read(message).then(resolve, reject))
        .end(body === '' ? undefined : new TextEncoder().encode(body));
    });
}

async function read(message: IncomingMessage): Promise<StepResponse> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of message) chunks.push(chunk);
  const body = await new Blob(chunks as BlobPart[]).text();
  const headers: [string, string][] = [];
  for (let at = 0; at + 1 < message.rawHeaders.length; at += 2) {
    headers.push([message.rawHeaders[at] ?? '', message.rawHeaders[at + 1] ?? '']);
  }
  return { status: message.statusCode, headers, body };
}

/** Two streams, each of which reads what is written to the other. */
function connection(Duplex: Streams['Duplex']): [End, End] {
  const ends: End[] = [];
  const end = (other: 0 | 1) =>
    new Duplex({
      read: () => undefined,
      write: (chunk, _, done) => {
        ends[other]?.push(chunk);
        done();
      },
      final: (done) => {
        ends[other]?.push(null);
        done();
      },
      destroy: (error, done) => {
        // The other one still reads what has come before.
        if (ends[other]?.readableEnded === false) ends[other].push(null);
        done(error);
      },
    });
  const both: [End, End] = [end(1), end(0)];
  ends.push(...both);
  return both;
}

function byName(headers: StepRequest['headers']): Record<string, string[]> {
  const all: Record<string, string[]> = {};
  for (const [name, value] of headers) {
    const values = all[name.toLowerCase()] ?? [];
    values.push(value);
    all[name.toLowerCase()] = values;
  }
  return all;
}

function builtin<Module>(name: string): Module {
  const host = globalThis as {
    process?: { getBuiltinModule?: (name: string) => Module | undefined };
  };
  const found = host.process?.getBuiltinModule?.(name);
  if (found) return found;
  throw new StuntkeyError({
    name: 'RequestError',
    message: `found a Node.js listener, and no ${name} to run it with`,
    hint: 'give a fetch handler',
  });
}
