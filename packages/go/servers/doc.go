// Package servers tests stuntkey against server libraries. It is a module of its own, so that whoever uses stuntkey
// does not depend on them.
package servers
