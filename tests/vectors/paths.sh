#!/usr/bin/env bash
# Makes certificate paths with OpenSSL, asks OpenSSL whether each is valid, and writes paths.json beside this script.
# usage: tests/vectors/paths.sh
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

days="-days 36500"
authority='basicConstraints=critical,CA:TRUE
keyUsage=critical,keyCertSign'
leaf='basicConstraints=critical,CA:FALSE'

# config MASK: utf8only writes names as UTF8String, nombstr as PrintableString.
config() { printf '[req]\ndistinguished_name=dn\nprompt=no\nstring_mask=%s\n[dn]\n' "$1" >"$1.cnf"; }
config utf8only
config nombstr

# root NAME SUBJECT
root() {
  openssl ecparam -name prime256v1 -genkey -noout -out "$1.key"
  printf '%s\n' "$authority" >"$1.ext"
  openssl req -new -key "$1.key" -subj "$2" -config utf8only.cnf -out "$1.csr"
  openssl x509 -req -in "$1.csr" -key "$1.key" $days -extfile "$1.ext" -out "$1.pem" 2>/dev/null
}

# issue NAME SUBJECT ISSUER EXTENSIONS [MASK]: a certificate for NAME's key, which is made if there is none.
issue() {
  [ -f "$1.key" ] || openssl ecparam -name prime256v1 -genkey -noout -out "$1.key"
  printf '%b\n' "$4" >"$1.ext"
  openssl req -new -key "$1.key" -subj "$2" -config "${5:-utf8only}.cnf" -out "$1.csr"
  openssl x509 -req -in "$1.csr" -CA "$3.pem" -CAkey "$3.key" -CAcreateserial $days -extfile "$1.ext" -out "$1.pem" 2>/dev/null
}

first=1
# path ID VERDICT CHECK LEAF [ISSUER ...]: what OpenSSL has to say of the path, and the verifier's check that refuses it.
path() {
  local id=$1 verdict=$2 check=$3; shift 3
  local leaf=$1; shift
  : >chain.pem
  for issuer in "$@"; do cat "$issuer.pem" >>chain.pem; done
  local said=valid
  openssl verify -policy_check -purpose any -CAfile root.pem -untrusted chain.pem "$leaf.pem" >/dev/null 2>&1 || said=invalid
  [ "$said" = "$verdict" ] || { echo "$id: OpenSSL says $said" >&2; exit 1; }
  [ $first = 1 ] || printf ',\n'
  first=0
  printf '  {"id": "%s", "valid": %s, "check": "%s", "x5c": [' "$id" "$([ "$verdict" = valid ] && echo true || echo false)" "$check"
  local comma=""
  for name in "$leaf" "$@"; do
    printf '%s"%s"' "$comma" "$(openssl x509 -in "$name.pem" -outform DER | base64 -w0)"
    comma=", "
  done
  printf ']}'
}

dn='/C=SE/O=Example/OU=Authenticator Attestation/CN=Leaf'
section='[dn1]\nC=SE\nO=Example\n[dn2]\nC=SE\nO=Elsewhere\n'
root root '/C=SE/O=Example/CN=Root'

{
printf '[\n'
issue ca '/C=SE/O=Example/CN=Plain' root "$authority"
issue plain "$dn" ca "$leaf"
path plain valid "" plain ca

issue ca-permits '/C=SE/O=Example/CN=Permits' root "$authority\nnameConstraints=critical,permitted;dirName:dn1\n$section"
issue permitted "$dn" ca-permits "$leaf"
path directory-name/permitted valid "" permitted ca-permits
issue upper '/C=SE/O=EXAMPLE/OU=Authenticator Attestation/CN=Leaf' ca-permits "$leaf"
path directory-name/permitted-in-another-case valid "" upper ca-permits
issue outside '/C=SE/O=Another/OU=Authenticator Attestation/CN=Leaf' ca-permits "$leaf"
path directory-name/not-permitted invalid trust/path outside ca-permits

issue ca-excludes '/C=SE/O=Example/CN=Excludes' root "$authority\nnameConstraints=critical,excluded;dirName:dn2\n$section"
issue not-excluded "$dn" ca-excludes "$leaf"
path directory-name/not-excluded valid "" not-excluded ca-excludes
issue excluded '/C=SE/O=Elsewhere/OU=Authenticator Attestation/CN=Leaf' ca-excludes "$leaf"
path directory-name/excluded invalid trust/path excluded ca-excludes

issue ca-hosts '/C=SE/O=Example/CN=Hosts' root "$authority\nnameConstraints=critical,permitted;DNS:example.org"
issue host "$dn" ca-hosts "$leaf\nsubjectAltName=DNS:a.example.org"
path dns-name/permitted valid "" host ca-hosts
issue other-host "$dn" ca-hosts "$leaf\nsubjectAltName=DNS:badexample.org"
path dns-name/not-permitted invalid trust/path other-host ca-hosts

issue ca-policy '/C=SE/O=Example/CN=Policy' root "$authority\ncertificatePolicies=critical,1.2.3.4\ninhibitAnyPolicy=critical,0"
issue policy "$dn" ca-policy "$leaf\ncertificatePolicies=critical,1.2.3.4"
path policies/critical valid "" policy ca-policy
issue ca-explicit '/C=SE/O=Example/CN=Explicit' root "$authority\npolicyConstraints=critical,requireExplicitPolicy:0"
issue no-policy "$dn" ca-explicit "$leaf"
path policies/required-and-missing invalid trust/path no-policy ca-explicit

issue unknown "$dn" ca "$leaf\n1.2.3.4.5=critical,ASN1:NULL"
path critical-extension/unknown invalid trust/path unknown ca

# Ten authorities below the root.
above=root
names=""
for number in 1 2 3 4 5 6 7 8 9 10; do
  issue "deep-$number" "/C=SE/O=Example/CN=Deep $number" "$above" "$authority"
  above="deep-$number"
  names="$above $names"
done
issue deep "$dn" "$above" "$leaf"
path intermediates/ten valid "" deep $names

issue ca-short '/C=SE/O=Example/CN=Short' root 'basicConstraints=critical,CA:TRUE,pathlen:0\nkeyUsage=critical,keyCertSign'
issue ca-below '/C=SE/O=Example/CN=Below' ca-short "$authority"
issue too-deep "$dn" ca-below "$leaf"
path path-length/one-below-none invalid trust/path-length too-deep ca-below ca-short

# The issuer's name is UTF8String in the leaf, and PrintableString in the issuer's certificate.
issue ca-text '/C=SE/O=Example/CN=Text' root "$authority" utf8only
issue text "$dn" ca-text "$leaf"
cp text.pem text-leaf.pem
issue ca-text '/C=SE/O=Example/CN=Text' root "$authority" nombstr
path names/another-string-type valid "" text-leaf ca-text
printf ',\n  {"root": "%s"}\n]\n' "$(openssl x509 -in root.pem -outform DER | base64 -w0)"
} >paths.json
mv paths.json "$here/paths.json"
