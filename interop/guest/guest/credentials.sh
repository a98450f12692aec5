# Credentials and assertions: `fido2-cred` and `fido2-assert`, which verify them too. The system's checks read this by `.`.
#
# Options are the letters of these programs: h for hmac-secret, r for a resident credential, u for U2F, v for user
# verification.

credentials() {
  plug_in without_pin
  check "fido2-cred: a credential is made and verified" make_credential plain h
  check "fido2-assert: an assertion is made and verified" make_assertion plain ""
  tampered plain
  check "fido2-assert: a salt has its secret, and another salt another one" secrets plain
  check "fido2-cred: a credential is made by U2F and verified" make_credential old u
  check "fido2-assert: an assertion is made by U2F and verified" make_assertion old u
  plug_out
  plug_in another
  check "fido2-assert: another key does not have the credential" refuses FIDO_ERR_NO_CREDENTIALS make_assertion plain ""
  plug_out

  plug_in with_algorithms --alg es256,eddsa
  check "fido2-cred: an EdDSA credential is made and verified" make_credential edwards "" eddsa
  check "fido2-assert: an EdDSA assertion is made and verified" make_assertion edwards "" eddsa
  tampered edwards eddsa
  plug_out

  plug_in with_pin
  check "fido2-token: a PIN is set before credentials are made" set_pin 4711
  check "fido2-cred: a credential is made by PIN and verified" make_credential verified hv
  check "fido2-assert: an assertion is made by PIN and verified" make_assertion verified v
  tampered verified
  check "fido2-assert: no assertion is made by a wrong PIN" refuses FIDO_ERR_PIN_INVALID by_wrong_pin verified
  check "fido2-assert: an assertion is made without the PIN and verified" make_assertion verified ""
  check "fido2-assert: what was made without the PIN does not pass for more" refuses FIDO_ERR_INVALID_PARAM \
    fido2-assert -V -v -i verified.assertion verified.key es256
  check "fido2-cred: a resident credential is made and verified" make_credential resident rv
  check "fido2-assert: a resident credential is found without its id, and tells its user" make_assertion resident rv
  check "fido2-token: the resident credential is listed" resident_listed
  check "fido2-token: the resident credential is deleted" resident_deleted
  check "fido2-assert: a resident credential that was deleted is not found" refuses FIDO_ERR_NO_CREDENTIALS \
    make_assertion resident rv
  plug_out
}

random() {
  head -c "$1" /dev/urandom | base64 -w 0
  echo
}

# Those letters of the second word that the first one has, as an option.
options() {
  found="$(echo "$2" | tr -cd "$1")"
  [ -z "$found" ] || echo "-$found"
}

# Runs a command, and types the PIN if these letters ask for user verification.
by_pin() {
  letters="$1"
  shift
  case "$letters" in
    *v*) terminal "Enter PIN=4711" -- "$@" ;;
    *) "$@" ;;
  esac
}

# make_credential NAME LETTERS [TYPE]
make_credential() {
  type="${3:-es256}"
  { random 32; echo "$1.example.org"; echo alice; random 16; } >"$1.asked"
  # Options are one word, or none.
  by_pin "$2" fido2-cred -M $(options hruv "$2") -i "$1.asked" -o "$1.made" "$device" "$type"
  fido2-cred -V $(options hv "$2") -i "$1.made" -o "$1.verified" "$type"
  sed 1d "$1.verified" >"$1.key"
  echo "$type, format $(sed -n 3p "$1.made"), an id of $(sed -n 5p "$1.made" | base64 -d | wc -c) bytes"
}

# make_assertion NAME LETTERS [TYPE] [SALT]
make_assertion() {
  {
    random 32
    echo "$1.example.org"
    case "$2" in *r*) ;; *) sed -n 5p "$1.made" ;; esac
    case "$2" in *h*) echo "$4" ;; esac
  } >"$1.asked_again"
  by_pin "$2" fido2-assert -G -p $(options hruv "$2") -i "$1.asked_again" -o "$1.assertion" "$device"
  fido2-assert -V -p $(options hv "$2") -i "$1.assertion" "$1.key" "${3:-es256}"
  case "$2" in
    *r*) [ "$(sed -n 5p "$1.assertion")" = "$(sed -n 4p "$1.asked")" ] || { echo "another user"; return 1; } ;;
  esac
  # Authenticator data is a byte string of CBOR, whose head has two bytes here.
  sed -n 3p "$1.assertion" | base64 -d | tail -c +35 | od -A n -t x1 -N 5 |
    sed 's/^ \(..\) \(..\) \(..\) \(..\) \(..\)/flags \1, counter \2\3\4\5/'
}

by_wrong_pin() {
  terminal "Enter PIN=1234" -- fido2-assert -G -v -i "$1.asked_again" -o "$1.wrong" "$device"
}

# Makes another assertion of one by changing the last byte in a line.
changed() {
  sed -n "$2p" "$1.assertion" | base64 -d >bytes
  last="$(tail -c 1 bytes | od -A n -t u1)"
  line="$({ head -c -1 bytes; printf "\\$(printf %o $((last ^ 1)))"; } | base64 -w 0)"
  sed "$2s|.*|$line|" "$1.assertion" >"$1.changed"
  ! cmp -s "$1.assertion" "$1.changed"
}

# Whether the assertion is verified as it is, and not when a line of it is changed.
refused_when_changed() {
  fido2-assert -V -i "$1.assertion" "$1.key" "$3"
  changed "$1" "$2"
  refuses FIDO_ERR_INVALID_SIG fido2-assert -V -i "$1.changed" "$1.key" "$3"
}

# tampered NAME [TYPE]
tampered() {
  type="${2:-es256}"
  check "fido2-assert: a changed signature by $type is refused" refused_when_changed "$1" 4 "$type"
  check "fido2-assert: other client data is refused by $type" refused_when_changed "$1" 1 "$type"
  check "fido2-assert: other authenticator data is refused by $type" refused_when_changed "$1" 3 "$type"
}

secret_of() {
  make_assertion "$1" h es256 "$2" >&2
  tail -n 1 "$1.assertion"
}

secrets() {
  one="$(random 32)"
  first="$(secret_of "$1" "$one")"
  again="$(secret_of "$1" "$one")"
  other="$(secret_of "$1" "$(random 32)")"
  echo "$first, $again, $other"
  [ "$(echo "$first" | base64 -d | wc -c)" = 32 ]
  [ "$first" = "$again" ]
  [ "$first" != "$other" ]
  echo "the same 32 bytes twice, and others"
}

resident_listed() {
  terminal "Enter PIN=4711" -- fido2-token -L -r "$device" | tee listed
  grep -q ' resident.example.org$' listed
  terminal "Enter PIN=4711" -- fido2-token -L -k resident.example.org "$device" | tee listed
  # Its id, and that of its user.
  grep "$(sed -n 5p resident.made) .*$(sed -n 4p resident.asked)" listed
}

resident_deleted() {
  terminal "Enter PIN=4711" -- fido2-token -D -i "$(sed -n 5p resident.made)" "$device"
  refuses FIDO_ERR_NO_CREDENTIALS terminal "Enter PIN=4711" -- fido2-token -L -r "$device"
}
