package stuntkey

import (
	"context"
	"fmt"
	"sync"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
)

// An instance of the module: memory of its own, in which one call is carried out at a time.
type instance struct {
	mutex             sync.Mutex
	module            api.Module
	alloc, free, call api.Function
	// Why no more calls are possible.
	stopped *Error
}

func newInstance() (*instance, error) {
	code, err := compiledModule()
	if err != nil {
		return nil, internal("the module cannot be compiled here", err)
	}
	// Without a name, as names are unique.
	loaded, err := code.runtime.InstantiateModule(
		context.Background(), code.compiled, wazero.NewModuleConfig().WithName(""))
	if err != nil {
		return nil, internal("the module cannot be loaded", err)
	}
	return &instance{
		module: loaded,
		alloc:  loaded.ExportedFunction("alloc"),
		free:   loaded.ExportedFunction("free"),
		call:   loaded.ExportedFunction("call"),
	}, nil
}

// Exchanges a request for its answer, both JSON.
func (i *instance) exchange(request []byte) ([]byte, error) {
	i.mutex.Lock()
	defer i.mutex.Unlock()
	if i.stopped != nil {
		return nil, i.stopped
	}
	answer, err := i.carryOut(request)
	if err != nil {
		// What the memory holds after a call that did not return is anybody's guess.
		i.stopped = internal("the call did not return", err)
		return nil, i.stopped
	}
	return answer, nil
}

func (i *instance) carryOut(request []byte) ([]byte, error) {
	ctx := context.Background()
	length := uint64(len(request))
	given, err := i.alloc.Call(ctx, length)
	if err != nil {
		return nil, err
	}
	if !i.module.Memory().Write(api.DecodeU32(given[0]), request) {
		return nil, fmt.Errorf("there is no memory for a request of %d bytes", length)
	}
	returned, err := i.call.Call(ctx, given[0], length)
	if err != nil {
		return nil, err
	}
	// The pointer is in the upper half, the length in the lower.
	pointer, size := uint32(returned[0]>>32), uint32(returned[0])
	view, ok := i.module.Memory().Read(pointer, size)
	if !ok {
		return nil, fmt.Errorf("the answer is not in the memory: %d bytes at %d", size, pointer)
	}
	answer := append([]byte(nil), view...)
	if _, err := i.free.Call(ctx, given[0], length); err != nil {
		return nil, err
	}
	if _, err := i.free.Call(ctx, uint64(pointer), uint64(size)); err != nil {
		return nil, err
	}
	return answer, nil
}

// Gives the memory back. Later calls say why they fail.
func (i *instance) close(why *Error) error {
	i.mutex.Lock()
	defer i.mutex.Unlock()
	if i.stopped == nil {
		i.stopped = why
	}
	return i.module.Close(context.Background())
}

// Instances for what belongs to no authenticator. Some are kept, so that the next call finds one.
var idleInstances = make(chan *instance, 4)

// Does something with an instance that nobody else uses meanwhile.
func onAnyInstance(operation string, request, answer any) error {
	var one *instance
	select {
	case one = <-idleInstances:
	default:
		var err error
		if one, err = newInstance(); err != nil {
			return err
		}
	}
	err := one.do(operation, request, answer)
	if one.stopped == nil {
		select {
		case idleInstances <- one:
			return err
		default:
		}
	}
	_ = one.close(nil)
	return err
}

func askAnywhere[T any](operation string, request any) (T, error) {
	var answer T
	err := onAnyInstance(operation, request, &answer)
	return answer, err
}
