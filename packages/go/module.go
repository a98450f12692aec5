package stuntkey

import (
	"context"
	"crypto/rand"
	_ "embed"
	"os"
	"path/filepath"
	"runtime"
	"sync"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/experimental"
)

// The file is generated: the script build copies it here.
//
//go:embed stuntkey.wasm
var webAssembly []byte

// CacheVariable is the environment variable that says where compiled code is kept from one process to the next: a
// directory, or "off". Without it, it is a directory stuntkey-go in the user's cache directory.
const CacheVariable = "STUNTKEY_CACHE"

// A module is the compiled code, of which every authenticator has an instance.
type module struct {
	runtime  wazero.Runtime
	compiled wazero.CompiledModule
}

// Compilation takes seconds, an instance a fraction of a millisecond.
var compiledModule = sync.OnceValues(func() (*module, error) {
	if directory := cacheDirectory(); directory != "" {
		if cache, err := wazero.NewCompilationCacheWithDir(directory); err == nil {
			if compiled, err := compile(wazero.NewRuntimeConfig().WithCompilationCache(cache)); err == nil {
				return compiled, nil
			}
		}
	}
	// What others left in a cache must not stop a test.
	return compile(wazero.NewRuntimeConfig())
})

func compile(config wazero.RuntimeConfig) (*module, error) {
	ctx := experimental.WithCompilationWorkers(context.Background(), runtime.GOMAXPROCS(0))
	engine := wazero.NewRuntimeWithConfig(ctx, config)
	host := engine.NewHostModuleBuilder("stuntkey")
	if _, err := host.NewFunctionBuilder().WithFunc(random).Export("random").Instantiate(ctx); err != nil {
		return nil, err
	}
	compiled, err := engine.CompileModule(ctx, webAssembly)
	if err != nil {
		return nil, err
	}
	return &module{engine, compiled}, nil
}

func cacheDirectory() string {
	switch given := os.Getenv(CacheVariable); given {
	case "off":
		return ""
	case "":
		directory, err := os.UserCacheDir()
		if err != nil {
			return ""
		}
		return filepath.Join(directory, "stuntkey-go")
	default:
		return given
	}
}

// The module's one import. Memory that is not there ends the call.
func random(_ context.Context, instance api.Module, pointer, length uint32) {
	memory, ok := instance.Memory().Read(pointer, length)
	if !ok {
		panic("randomness was asked for outside of the memory")
	}
	_, _ = rand.Read(memory) // It never fails.
}
