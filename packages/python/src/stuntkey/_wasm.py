"""The engine in WebAssembly, by wasmtime."""

from __future__ import annotations

import atexit
import os
import threading
from importlib.resources import files

import wasmtime
from wasmtime import Caller, Config, Func, FuncType, Memory, Module, Store, ValType
from wasmtime import Instance as WasmInstance

from ._error import Error

_HALF = 0xFFFF_FFFF


class Instance:
    """One instance of the module. Threads may share it."""

    def __init__(self) -> None:
        wasm = files("stuntkey").joinpath("stuntkey.wasm")
        if not wasm.is_file():
            raise ImportError("this installation has no stuntkey.wasm")
        engine = _engine()
        self._lock = threading.Lock()
        self._store = Store(engine)
        module = Module(engine, wasm.read_bytes())
        # Otherwise wasmtime's own finalizers may find their modules gone when Python ends.
        for held in (engine, module, self._store):
            atexit.register(held.close)
        kind = FuncType([ValType.i32(), ValType.i32()], [])
        exports = WasmInstance(self._store, module, [Func(self._store, kind, _random, access_caller=True)]).exports(
            self._store
        )
        memory, alloc, free, call = (exports[name] for name in ("memory", "alloc", "free", "call"))
        assert isinstance(memory, Memory)
        assert isinstance(alloc, Func)
        assert isinstance(free, Func)
        assert isinstance(call, Func)
        self._memory, self._alloc, self._free, self._call = memory, alloc, free, call

    def call(self, request: str) -> str:
        data = request.encode()
        try:
            # A store is for one thread at a time.
            with self._lock:
                return self._exchange(data).decode()
        except (wasmtime.Trap, wasmtime.WasmtimeError) as error:
            raise Error("EngineError", f"the engine stopped: {error}") from error

    def _exchange(self, request: bytes) -> bytes:
        store, memory = self._store, self._memory
        pointer = self._alloc(store, len(request)) & _HALF
        if pointer == 0:
            raise Error("EngineError", f"no memory for a request of {len(request)} bytes")
        memory.write(store, request, pointer)
        answer = self._call(store, pointer, len(request))
        self._free(store, pointer, len(request))
        start, length = answer >> 32 & _HALF, answer & _HALF
        read = bytes(memory.read(store, start, start + length))
        self._free(store, start, length)
        return read


def _engine() -> wasmtime.Engine:
    """Compiled code is kept in the user's cache folder, so that the next start is quick."""
    config = Config()
    try:
        config.cache = True
        return wasmtime.Engine(config)
    except wasmtime.WasmtimeError:
        # A user without a folder of their own, or one that is read-only.
        return wasmtime.Engine()


def _random(caller: Caller, pointer: int, length: int) -> None:
    memory = caller["memory"]
    assert isinstance(memory, Memory)
    memory.write(caller, os.urandom(length), pointer & _HALF)
