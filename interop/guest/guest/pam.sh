# Users that a PAM stack knows by the key: `pamu2fcfg`, `pam_u2f`, `pamtester` and `su`. The system's checks read this by `.`.

pam() {
  useradd alice
  useradd bob
  useradd carol
  for service in guest su; do
    cat >"/etc/pam.d/$service" <<SERVICE
auth required pam_u2f.so authfile=/etc/keys origin=pam://guest appid=pam://guest
account required pam_permit.so
session required pam_permit.so
SERVICE
  done

  plug_in another_person
  check "pamu2fcfg: bob's key is enrolled" enroll bob
  plug_out
  plug_in pam
  check "pamu2fcfg: alice's key is enrolled" enroll alice
  cat alice.keys bob.keys >/etc/keys
  check "pam_u2f: alice is known by her key" authenticates alice
  check "pam_u2f: bob is not known by alice's key" not_authenticated bob
  check "pam_u2f: carol has no key, and is not known" not_authenticated carol
  sed 's/^alice:/carol:/' alice.keys >/etc/keys
  check "pam_u2f: alice is not known where her key is another user's" not_authenticated alice
  cat alice.keys bob.keys >/etc/keys
  check "su: carol becomes alice with alice's key" becomes alice
  check "su: carol does not become bob with alice's key" refuses "Authentication failure" becomes bob
  plug_out
  check "pam_u2f: alice is not known while her key is away" not_authenticated alice
  check "su: carol does not become alice while the key is away" refuses "Authentication failure" becomes alice

  plug_in pam
  check "fido2-token: a PIN is set before a key is enrolled with it" set_pin 4711
  check "pamu2fcfg: alice's key is enrolled for use with its PIN" enroll alice -N
  cp alice.keys /etc/keys
  check "pam_u2f: alice is known by her key and its PIN" \
    terminal "enter the PIN=4711" -- pamtester guest alice authenticate
  check "pam_u2f: alice is not known by a wrong PIN" refuses "Authentication failure" \
    terminal "enter the PIN=1234" -- pamtester guest alice authenticate
  plug_out
}

# enroll USER [OPTION]
enroll() {
  # It ends its line with nothing.
  pamu2fcfg -o pam://guest -i pam://guest -u "$@" >"$1.keys"
  echo >>"$1.keys"
  cat "$1.keys"
  grep -q "^$1:" "$1.keys"
  sed 's/^\(.*\):.*,\(.*\),\(.*\)/\1: \2, \3/' "$1.keys"
}

authenticates() {
  pamtester guest "$1" authenticate
}

not_authenticated() {
  refuses "Authentication failure\|Authentication service cannot retrieve" authenticates "$1"
}

# Root would not be asked.
becomes() {
  setpriv --reuid=carol --regid=carol --clear-groups su "$1" -c 'echo "$(id -un)"' >became
  cat became
  grep -qx "$1" became
}
