// Where the WebAssembly module lies. Bundlers find it by this expression, too.

export const location = new URL('./stuntkey.wasm', import.meta.url);
