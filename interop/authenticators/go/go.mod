module stuntkey-authenticators

go 1.26.0

require github.com/bulwarkid/virtual-fido v0.2.0

require (
	github.com/fxamacker/cbor/v2 v2.4.0 // indirect
	github.com/x448/float16 v0.8.4 // indirect
	golang.org/x/crypto v0.0.0-20220926161630-eccd6366d1be // indirect
)
