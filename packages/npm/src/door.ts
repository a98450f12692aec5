// The door: JSON in and JSON out, to everything that the WebAssembly module does.

import { asError, type Explained, type Refusal, StuntkeyError } from './errors.js';
import { location } from './wasm.js';

/** What the module exports. */
interface Exports {
  readonly memory: WebAssembly.Memory;
  alloc(length: number): number;
  free(pointer: number, length: number): void;
  call(pointer: number, length: number): bigint;
}

/** The part of `node:fs` that is used. */
interface Files {
  readFileSync(path: URL): Uint8Array<ArrayBuffer>;
}

let module: WebAssembly.Module | undefined;
let exports: Exports | undefined;

/** Carries out one operation of the door; throws what it refuses. */
export function call<T>(op: string, members: object = {}): T {
  // WebAssembly has no clock.
  const request = JSON.stringify({ ...members, op, now: Date.now() });
  const answer = JSON.parse(callText(request)) as { ok: T } | { error: Refusal };
  if ('error' in answer) throw asError(answer.error);
  return answer.ok;
}

/** Hands one request to the door as text, and gives the answer's text. */
export function callText(request: string): string {
  exports ??= instantiate();
  const written = new TextEncoder().encode(request);
  try {
    const pointer = exports.alloc(written.length) >>> 0;
    // The view is made anew each time: memory that grows leaves old views empty.
    new Uint8Array(exports.memory.buffer).set(written, pointer);
    const answer = BigInt.asUintN(64, exports.call(pointer, written.length));
    exports.free(pointer, written.length);
    const [start, length] = [Number(answer >> 32n), Number(answer & 0xffff_ffffn)];
    const text = new TextDecoder().decode(new Uint8Array(exports.memory.buffer, start, length));
    exports.free(start, length);
    return text;
  } catch (cause) {
    // Nobody knows what a module that stopped has left behind: the next call gets a new one.
    exports = undefined;
    throw broken(cause);
  }
}

/** Whether the module can be read from a file. */
export function hasFiles(): boolean {
  return location.protocol === 'file:' && files() !== undefined;
}

/** Fetches the module, where there are no files to read it from. */
export async function fetchModule(): Promise<void> {
  const response = await fetch(location);
  try {
    module = await WebAssembly.compile(await response.arrayBuffer());
  } catch (cause) {
    const error = new StuntkeyError({
      name: 'LoadError',
      message: `${location.href}: found status ${response.status} and no WebAssembly module, expected stuntkey.wasm`,
      hint: "serve it beside this package's scripts; with Vite, set optimizeDeps.exclude to ['stuntkey']",
    });
    error.cause = cause;
    throw error;
  }
  // Browsers refuse to instantiate large modules at once.
  exports = started(await WebAssembly.instantiate(module, imports));
}

const imports: WebAssembly.Imports = {
  stuntkey: {
    random(pointer: number, length: number) {
      if (!exports) return;
      const all = new Uint8Array(exports.memory.buffer, pointer >>> 0, length >>> 0);
      // The Web Cryptography API gives 65,536 bytes at most.
      for (let start = 0; start < all.length; start += 65_536) {
        crypto.getRandomValues(all.subarray(start, start + 65_536));
      }
    },
  },
};

function instantiate(): Exports {
  module ??= read();
  return started(new WebAssembly.Instance(module, imports));
}

function read(): WebAssembly.Module {
  const found = files();
  if (!found) {
    throw new StuntkeyError({
      name: 'LoadError',
      message: 'the WebAssembly module is not loaded, and there are no files here to read it from',
      hint: "import 'stuntkey' before anything else of this package",
    });
  }
  return new WebAssembly.Module(found.readFileSync(location));
}

/** Node.js, Deno and Bun have this function; a static import would keep the package out of browsers. */
function files(): Files | undefined {
  const host = globalThis as {
    process?: { getBuiltinModule?: (name: string) => Files | undefined };
  };
  return host.process?.getBuiltinModule?.('node:fs');
}

function started(instance: WebAssembly.Instance): Exports {
  return instance.exports as unknown as Exports;
}

function broken(cause: unknown): Explained {
  const error = new StuntkeyError({
    name: 'InternalError',
    message: `the WebAssembly module stopped (${String(cause)}), and every authenticator is gone`,
    hint: 'this is a fault of stuntkey: please report it with the request',
  });
  error.cause = cause;
  return error;
}
