// virtual-fido as an authenticator that `stuntkey conform udp://…` can play, by its own CTAPHID and without its USB/IP.
//
//	virtual_fido              prints its address, and serves it until SIGTERM
//	virtual_fido --version    prints the library's name and version
//
// Its hands are SIGUSR1 (touch), SIGUSR2 (power cycle) and SIGHUP (reset): it has no authenticatorReset.
//
// The library leaves it to the application to ask the user and to keep data. It is done as in its cmd/demo, but that signals
// stand for the prompt, and a user who does not answer has said no after a while.
//
// The library panics at much that it does not expect, in goroutines of its own, which ends the process. So the authenticator
// runs in a process of its own, key.go, and this one, which has the socket, starts it again with what it has saved, and
// answers ERR_OTHER in its place.
package main

import (
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime/debug"
	"sync"
	"syscall"
)

const (
	module       = "github.com/bulwarkid/virtual-fido"
	reportLength = 64
	ctaphidError = 0xbf
	errorOther   = 0x7f
)

func main() {
	log.SetFlags(0)
	switch {
	case len(os.Args) == 2 && os.Args[1] == "--version":
		fmt.Println("virtual-fido", version())
	case len(os.Args) == 3 && os.Args[1] == "--key":
		serveKey(os.Args[2])
	case len(os.Args) == 1:
		serveSocket()
	default:
		log.Fatal("usage: virtual_fido [--version]")
	}
}

func version() string {
	build, _ := debug.ReadBuildInfo()
	for _, dependency := range build.Deps {
		if dependency.Path == module {
			return dependency.Version[1:]
		}
	}
	return "of an unknown version"
}

func serveSocket() {
	folder, err := os.MkdirTemp("", "virtual-fido")
	check(err)
	defer os.RemoveAll(folder)
	socket, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	check(err)
	host := &host{socket: socket, vault: filepath.Join(folder, "vault")}
	host.start()
	fmt.Printf("udp://%s\n", socket.LocalAddr())

	go host.receive()
	hands := make(chan os.Signal, 8)
	signal.Notify(hands, syscall.SIGUSR1, syscall.SIGUSR2, syscall.SIGHUP, syscall.SIGTERM, syscall.SIGINT)
	for hand := range hands {
		switch hand {
		case syscall.SIGUSR1:
			host.touch()
		case syscall.SIGUSR2:
			host.restart()
		case syscall.SIGHUP:
			host.reset()
		default:
			host.stop()
			return
		}
	}
}

// The socket, and the process behind it.
type host struct {
	socket *net.UDPConn
	vault  string

	lock   sync.Mutex
	client *net.UDPAddr
	// The channel of what the client has sent last.
	channel [4]byte
	key     *exec.Cmd
	input   io.WriteCloser
	ended   chan struct{}
}

// Starts the process, and again whenever it ends by itself.
func (host *host) start() {
	key := exec.Command(os.Args[0], "--key", host.vault)
	key.Stderr = os.Stderr
	input, err := key.StdinPipe()
	check(err)
	output, err := key.StdoutPipe()
	check(err)
	check(key.Start())
	// It is ready when it has written a byte: a signal before that would end it.
	_, err = io.ReadFull(output, make([]byte, 1))
	check(err)
	ended := make(chan struct{})
	host.key, host.input, host.ended = key, input, ended

	go func() {
		report := make([]byte, reportLength)
		for {
			if _, err := io.ReadFull(output, report); err != nil {
				break
			}
			host.send(report)
		}
		_ = key.Wait()
		close(ended)
		host.lock.Lock()
		defer host.lock.Unlock()
		if host.key == key {
			log.Print("virtual_fido: the library panicked, and is started again")
			host.start()
			host.tellOfTheEnd()
		}
	}()
}

func (host *host) send(report []byte) {
	host.lock.Lock()
	client := host.client
	host.lock.Unlock()
	if client != nil {
		_, _ = host.socket.WriteToUDP(report, client)
	}
}

// A device that ends is gone from its bus at once, which a datagram cannot say. So its client is told ERR_OTHER, and waits for
// nothing. The caller has the lock.
func (host *host) tellOfTheEnd() {
	report := make([]byte, reportLength)
	copy(report, append(host.channel[:], ctaphidError, 0, 1, errorOther))
	if host.client != nil {
		_, _ = host.socket.WriteToUDP(report, host.client)
	}
}

func (host *host) receive() {
	datagram := make([]byte, reportLength+1)
	for {
		length, client, err := host.socket.ReadFromUDP(datagram)
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil || length != reportLength {
			continue
		}
		host.lock.Lock()
		host.client = client
		copy(host.channel[:], datagram)
		_, _ = host.input.Write(datagram[:length])
		host.lock.Unlock()
	}
}

func (host *host) touch() {
	host.lock.Lock()
	defer host.lock.Unlock()
	_ = host.key.Process.Signal(syscall.SIGUSR1)
}

func (host *host) restart() {
	host.lock.Lock()
	defer host.lock.Unlock()
	host.end()
	host.start()
}

func (host *host) reset() {
	host.lock.Lock()
	defer host.lock.Unlock()
	host.end()
	if err := os.Remove(host.vault); !errors.Is(err, os.ErrNotExist) {
		check(err)
	}
	host.start()
}

func (host *host) stop() {
	host.lock.Lock()
	defer host.lock.Unlock()
	host.end()
	host.socket.Close()
}

// Ends the process for good. The caller has the lock.
func (host *host) end() {
	key, ended := host.key, host.ended
	host.key = nil
	_ = key.Process.Kill()
	host.lock.Unlock()
	<-ended
	host.lock.Lock()
}

func check(err error) {
	if err != nil {
		log.Fatal("virtual_fido: ", err)
	}
}
