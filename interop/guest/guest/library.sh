# What the checks share: the key, and how a check is judged. A script reads it by `.`.

# How the key is started. The file of its store follows, and more settings of its model.
key="/guest/stuntkey device --uhid --user verified --model security_key_ctap2_1"

work=/tmp/work
mkdir -p "$work"
cd "$work"

passed=0
failed=0
key_process=""
: >key_said
device=""

# Runs a command, which has to succeed, and prints the last line that it said.
check() {
  name="$1"
  shift
  set +e
  # In a shell of its own, so that the first command of a function that fails is its last one.
  (set -e; "$@") >said 2>&1 </dev/null
  status=$?
  set -e
  if [ "$status" = 0 ]; then
    passed=$((passed + 1))
    echo "guest: $name: $(tail -n 1 said) ... ok"
  else
    failed=$((failed + 1))
    echo "guest: $name: status $status ... FAILED"
    show said key_said $shown_too
  fi
}

# The ends of files are shown below the check that they explain.
shown_too=""
show() {
  tail -q -n 40 "$@" | sed 's/^/    /'
}

# Whether a command fails, and gives the reason in these words.
refuses() {
  words="$1"
  shift
  set +e
  (set -e; "$@") >refusal 2>&1
  refused=$?
  set -e
  cat refusal
  [ "$refused" != 0 ] || { echo "it was not refused"; return 1; }
  grep -- "$words" refusal
}

# Whether a file does not have these words. (`!` before a command would hide that it failed.)
absent() {
  if grep -- "$1" "$2"; then
    return 1
  fi
  echo "there is no '$1'"
}

# Starts the key whose store has this name, and waits for its device.
plug_in() {
  store="$1"
  shift
  $key --store "$work/$store.store" "$@" >key_said 2>&1 &
  key_process=$!
  wait_until plugged_in
  udevadm settle
  device="$(plugged_in)"
}

# As a user does who pulls it out.
plug_out() {
  if ! kill "$key_process" 2>/dev/null; then
    failed=$((failed + 1))
    echo "guest: the key ended by itself ... FAILED"
    show key_said
  fi
  wait "$key_process" || true
  wait_until plugged_out
  udevadm settle
  device=""
}

# The only HID devices of the guest are ours.
plugged_in() {
  ls -d /dev/hidraw* 2>/dev/null
}

plugged_out() {
  ! plugged_in >/dev/null
}

# Waits so many seconds at most. Without what it waits for the checks end.
patience=60
wait_until() {
  attempts=0
  while [ "$attempts" -lt $((patience * 5)) ]; do
    "$@" >/dev/null && return
    attempts=$((attempts + 1))
    sleep 0.2
  done
  echo "guest: it took too long: $*"
  show key_said
  return 1
}

the_end() {
  echo "guest: end of Linux $(uname -r): $passed passed, $failed failed"
}
