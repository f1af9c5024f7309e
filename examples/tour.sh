#!/bin/sh
# The README's tour as a script: two devices on this machine, one vault, a change on each side.
#
#     examples/tour.sh
#
# It needs a built tree (npm ci). Everything happens in a temporary folder, which is removed.
set -eu

bin=$(CDPATH='' cd -- "$(dirname -- "$0")/../bin" && pwd)
PATH=$bin:$PATH
tour=$(mktemp -d)
finish() {
  vaultd stop --home "$tour/laptop" >/dev/null 2>&1 || true
  vaultd stop --home "$tour/nas" >/dev/null 2>&1 || true
  rm -rf "$tour"
}
trap finish EXIT
laptop() { vault --home "$tour/laptop" "$@"; }
nas() { vault --home "$tour/nas" "$@"; }
start() { vaultd start --home "$tour/$1" --listen 127.0.0.1:0 --detach >/dev/null; }

# Asks again until the answer is the one expected: the other device needs a moment.
await() {
  wanted=$1
  shift
  for _ in $(seq 1 120); do
    if [ "$("$@" 2>/dev/null)" = "$wanted" ]; then return 0; fi
    sleep 0.25
  done
  echo "still not '$wanted': $*" >&2
  return 1
}

vaultd init --home "$tour/laptop" --name laptop --recovery-file "$tour/recovery-words" >/dev/null
start laptop
echo 'first draft' >"$tour/letter.txt"
laptop put "$tour/letter.txt" /

laptop invite --role writer >"$tour/ticket" 2>/dev/null
vaultd join --home "$tour/nas" --name nas --ticket-file "$tour/ticket" >/dev/null
start nas
await 'first draft' nas cat letter.txt
echo 'nas has the letter'

echo 'second draft' | nas put - letter.txt
await 'second draft' laptop cat letter.txt
echo 'laptop has the change'

laptop members
