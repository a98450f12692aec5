// The module's imports and exports are those of its documentation, and it answers the transcript byte for byte.

import { readFileSync } from 'node:fs';
import { webcrypto } from 'node:crypto';

const bytes = readFileSync(new URL('./stuntkey.wasm', import.meta.url));
const module = await WebAssembly.compile(bytes);
const list = (entries) => entries.map(({ module, name, kind }) => [module, name, kind].filter(Boolean).join('.')).sort().join(' ');
const imports = list(WebAssembly.Module.imports(module));
const exports = list(WebAssembly.Module.exports(module).filter(({ kind }) => kind !== 'global'));
let failed = 0;
const expect = (what, found, expected) => {
  if (found === expected) return;
  failed += 1;
  console.error(`${what}: found ${found}, expected ${expected}`);
};
expect('imports', imports, 'stuntkey.random.function');
// getrandom looks its source up by name, so that name is exported, too.
expect('exports', exports, '__getrandom_v03_custom.function alloc.function call.function free.function memory.memory');

const { exports: door } = await WebAssembly.instantiate(module, {
  stuntkey: {
    random(pointer, length) {
      webcrypto.getRandomValues(new Uint8Array(door.memory.buffer, pointer, length));
    },
  },
});

function call(text) {
  const request = new TextEncoder().encode(text);
  const place = door.alloc(request.length);
  new Uint8Array(door.memory.buffer, place, request.length).set(request);
  const answer = BigInt.asUintN(64, door.call(place, request.length));
  door.free(place, request.length);
  const [pointer, length] = [Number(answer >> 32n), Number(answer & 0xffffffffn)];
  const said = new TextDecoder().decode(new Uint8Array(door.memory.buffer, pointer, length));
  door.free(pointer, length);
  return said;
}

const { exchanges } = JSON.parse(readFileSync(new URL('../transcript.json', import.meta.url), 'utf8'));
let client;
for (const { request, answer } of exchanges) {
  const text = JSON.stringify(request).replaceAll('"$client"', client ?? '"$client"');
  let said = call(text);
  client = request.op === 'client.new' ? (JSON.parse(said).ok?.client ?? client) : client;
  if (client !== undefined) said = said.replaceAll(String(client), '$client');
  expect(text, said, answer);
}
console.log(`wasm: ${bytes.length} bytes, ${exchanges.length} exchanges, ${failed} differ`);
process.exit(failed ? 1 : 0);
