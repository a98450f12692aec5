# Logins with the key: `ssh-keygen`, `ssh` and `sshd`, by OpenSSH's own middleware. The system's checks read this by `.`.

ssh_keys() {
  start_server
  shown_too=server_said
  plug_in ssh
  check "ssh-keygen: a key ecdsa-sk is made" make_key ecdsa ecdsa-sk
  check "ssh: ecdsa-sk logs in" logs_in ecdsa
  check "ssh-keygen: ecdsa-sk signs a file, and the signature is verified" signs ecdsa
  check "ssh-keygen: the signature of another file is refused" refuses "incorrect signature" verifies "another letter"
  plug_out
  check "ssh: ecdsa-sk does not log in while the key is away" refuses "device not found" logs_in ecdsa
  plug_in another
  check "ssh: another key does not log in" refuses "Permission denied" logs_in ecdsa
  plug_out
  plug_in ssh
  check "ssh: ecdsa-sk logs in when the key is back" logs_in ecdsa

  check "fido2-token: a PIN is set before resident keys are made" set_pin 4711
  export PIN=4711
  check "ssh-keygen: a resident key ecdsa-sk is made by PIN" make_key resident ecdsa-sk \
    -O resident -O verify-required -O application=ssh:guest
  check "ssh: the resident key logs in by PIN where that is required" logs_in resident verify-required
  check "ssh-keygen -K: the resident key is downloaded from the device" downloaded
  check "ssh: the downloaded key logs in by PIN where that is required" \
    logs_in downloaded/id_ecdsa_sk_rk_guest verify-required
  export PIN=1234
  check "ssh: the resident key does not log in by a wrong PIN" refuses "incorrect passphrase" \
    logs_in resident verify-required
  plug_out

  unset PIN
  plug_in with_algorithms --alg es256,eddsa
  check "ssh-keygen: a key ed25519-sk is made" make_key ed25519 ed25519-sk
  check "ssh: ed25519-sk logs in" logs_in ed25519
  plug_out
  kill "$server"
  shown_too=""
}

start_server() {
  mkdir -p /run/sshd
  : >authorized_keys
  ssh-keygen -q -t ed25519 -N '' -f host_key
  cat >sshd_config <<CONFIG
ListenAddress 127.0.0.1
HostKey $work/host_key
AuthorizedKeysFile $work/authorized_keys
StrictModes no
UsePAM no
PidFile none
PasswordAuthentication no
KbdInteractiveAuthentication no
PermitRootLogin prohibit-password
CONFIG
  /usr/sbin/sshd -D -f sshd_config -E server_said &
  server=$!
  wait_until grep -q "Server listening" server_said
  # OpenSSH asks this program for the PIN. It shows that a touch is wanted, too, which needs no answer.
  export SSH_ASKPASS="$work/askpass" SSH_ASKPASS_REQUIRE=force
  cat >askpass <<'ASKPASS'
#!/bin/sh
[ "${SSH_ASKPASS_PROMPT:-}" != none ] && [ -n "${PIN:-}" ] && echo "$PIN"
ASKPASS
  chmod +x askpass
}

# make_key FILE TYPE [OPTION...]
make_key() {
  file="$1" type="$2"
  shift 2
  ssh-keygen -q -t "$type" -N '' -C "$file" -f "$file" "$@"
  ssh-keygen -l -f "$file"
}

# Logs in where the server knows this key alone, with these options.
logs_in() {
  echo "${2:-} $(cat "$1.pub")" | sed 's/^ //' >authorized_keys
  ssh -F /dev/null -i "$1" -o IdentitiesOnly=yes -o PreferredAuthentications=publickey \
    -o StrictHostKeyChecking=accept-new -o UserKnownHostsFile="$work/known_hosts" root@127.0.0.1 \
    'echo "logged in as $(id -un)"' >greeting
  cat greeting
  grep -qx "logged in as root" greeting
}

signs() {
  rm -f letter.sig
  echo "a letter" >letter
  echo "alice@example.com $(cat "$1.pub")" >signers
  ssh-keygen -Y sign -f "$1" -n file letter
  verifies "a letter"
}

verifies() {
  echo "$1" | ssh-keygen -Y verify -f signers -I alice@example.com -n file -s letter.sig
}

downloaded() {
  mkdir -p downloaded
  (cd downloaded && ssh-keygen -q -K -N '')
  ls downloaded
  [ "$(cut -d ' ' -f 1,2 downloaded/id_ecdsa_sk_rk_guest.pub)" = "$(cut -d ' ' -f 1,2 resident.pub)" ]
  echo "id_ecdsa_sk_rk_guest, the key that was made"
}
