# A disk that the key unlocks: `systemd-cryptenroll` and `systemd-cryptsetup`. The system's checks read this by `.`.

disks() {
  check "cryptsetup: an image is encrypted" encrypted
  plug_in disk
  check "systemd-cryptenroll: the device is listed" listed_for_disks
  check "systemd-cryptenroll: the key is enrolled" enroll_disk --fido2-with-client-pin=no
  check "systemd-cryptsetup: the key unlocks the image" unlocks
  plug_out
  check "systemd-cryptsetup: nothing is unlocked while the key is away" stays_locked "token not present"
  plug_in another
  check "systemd-cryptsetup: another key does not unlock the image" stays_locked "credentials not present on token"
  plug_out

  plug_in disk
  check "fido2-token: a PIN is set before the key is enrolled with it" set_pin 4711
  # systemd 252 asks for the PIN only where no credential is made without it. Otherwise it enrols the secret that the key
  # has for whom it does not know, and asks for the PIN to unlock, by which the key gives its other secret.
  check "fido2-token: the key does nothing without its PIN any more" always_verify
  check "systemd-cryptenroll: the key is enrolled with its PIN" enroll_disk_by_pin
  check "systemd-cryptsetup: the key unlocks the image by its PIN, and not by a wrong one" unlocks_by_pin
  check "cryptsetup: the key unlocks the image by its PIN" opens_by_pin
  plug_out
}

attach() {
  # Half a minute is what it would wait for a key.
  /lib/systemd/systemd-cryptsetup attach disk "$work/image" - fido2-device=auto,headless=true,token-timeout=5
}

encrypted() {
  truncate -s 32M image
  # Rounds that make passwords slow to try are no matter here.
  echo -n password | cryptsetup luksFormat --batch-mode --type luks2 --pbkdf pbkdf2 --pbkdf-force-iterations 1000 image -
  echo -n password | cryptsetup open image disk -
  echo "a secret" | dd of=/dev/mapper/disk conv=notrunc,sync status=none
  cryptsetup close disk
  absent "a secret" image
  cryptsetup luksDump image | grep '^Version'
}

listed_for_disks() {
  systemd-cryptenroll --fido2-device=list
  systemd-cryptenroll --fido2-device=list | grep "^$device"
}

enroll_disk() {
  PASSWORD=password systemd-cryptenroll --fido2-device=auto "$@" image
  cryptsetup luksDump image | grep systemd-fido2
}

enroll_disk_by_pin() {
  systemd-cryptenroll --wipe-slot=fido2 image
  PASSWORD=password terminal "token PIN=4711" -- systemd-cryptenroll --fido2-device=auto image
  cryptsetup luksDump --dump-json-metadata image | grep '"fido2-clientPin-required":true'
}

unlocks_by_pin() {
  terminal "token PIN=1234" "PIN of security token incorrect=" "token PIN=4711" -- \
    /lib/systemd/systemd-cryptsetup attach disk "$work/image" - fido2-device=auto
  unlocked
}

opens_by_pin() {
  terminal "token PIN=4711" -- cryptsetup open --token-only image disk
  unlocked
}

always_verify() {
  terminal "Enter PIN=4711" -- fido2-token -S -u "$device"
  has alwaysUv
}

# Whether the data is there; locks the image again.
unlocked() {
  data="$(head -c 8 /dev/mapper/disk)"
  /lib/systemd/systemd-cryptsetup detach disk
  refuses "is inactive" cryptsetup status disk
  echo "read: $data"
  [ "$data" = "a secret" ]
}

unlocks() {
  attach
  unlocked
}

# stays_locked WORDS: it is refused for this reason.
stays_locked() {
  refuses "$1" attach
  refuses "is inactive" cryptsetup status disk
  echo "$1"
}
