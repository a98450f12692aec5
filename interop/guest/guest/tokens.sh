# The device itself, its information, and its PIN: udev and `fido2-token`. The system's checks read this by `.`.

tokens() {
  plug_in tokens
  check "udev: the device is a FIDO token" known_to_udev
  check "fido2-token: the device is found" listed
  check "fido2-token: it says what it is" information
  check "fido2-token: a PIN is set" set_pin 4711
  check "fido2-token: a PIN is set once" refuses "FIDO_ERR" \
    terminal "Enter new PIN=1234" "again=1234" -- fido2-token -S "$device"
  check "fido2-token: the PIN is changed" change_pin 4711 0815
  check "fido2-token: the old PIN is refused" refuses FIDO_ERR_PIN_INVALID change_pin 4711 1234
  check "fido2-token: a wrong PIN costs a retry" retries 7
  check "fido2-token: the new PIN is the one" change_pin 0815 4711
  check "fido2-token: the right PIN gives the retries back" retries 8
  check "fido2-token: PINs have to have six digits from now on" longer_pins 6
  check "fido2-token: the key refuses a PIN of five digits" refuses FIDO_ERR_PIN_POLICY_VIOLATION change_pin 4711 12345
  check "fido2-token: a PIN of six digits is set" change_pin 4711 123456
  plug_out
  check "fido2-token: a device that is away is not found" nothing_listed
  plug_in tokens
  check "fido2-token: the PIN is kept while the key is away" has clientPin
  check "fido2-token: the key is reset, and has no PIN any more" reset
  plug_out
}

known_to_udev() {
  udevadm info --query=property "$device" | grep -x ID_FIDO_TOKEN=1
}

listed() {
  fido2-token -L | grep "^$device: vendor=0x"
}

nothing_listed() {
  [ -z "$(fido2-token -L)" ]
  echo "no device"
}

information() {
  fido2-token -I "$device"
  fido2-token -I "$device" >information
  grep -q '^proto: 0x02$' information
  grep -q '^extension strings: .*hmac-secret' information
  grep -q '^algorithms: .*es256 (public-key)' information
  grep '^version strings: .*FIDO_2_1' information
}

# Whether it has an option, which fido2-token shows as it is: NAME if it is true, noNAME if it is false.
has() {
  fido2-token -I "$device" | grep '^options: ' >options
  cat options
  grep -q "[ ,]$1\(,\|$\)" options
  echo "$1"
}

set_pin() {
  has noclientPin
  terminal "Enter new PIN=$1" "again=$1" -- fido2-token -S "$device"
  has clientPin
}

change_pin() {
  terminal "Enter current PIN=$1" "Enter new PIN=$2" "again=$2" -- fido2-token -C "$device"
  echo "changed"
}

longer_pins() {
  terminal "Enter PIN=4711" -- fido2-token -S -l "$1" "$device"
  fido2-token -I "$device" | grep "^minpinlen: $1\$"
}

reset() {
  fido2-token -R "$device"
  has noclientPin
}

retries() {
  fido2-token -I "$device" | grep '^pin retries: ' >retries
  cat retries
  grep -qx "pin retries: $1" retries
}
