#!/usr/bin/env bash
# demo.sh <tunnel binary> [--once]: a page fetched through tunnel, with everything that it takes on this
# machine's loopback: an SSH server with keys made for it, a web server, and tunnel. Nothing of it outlives
# the script. Works as root and as an ordinary user.
set -euo pipefail
binary=$1
once=${2:-}

folder=$(mktemp -d "${TMPDIR:-/tmp}/tunnel-demo.XXXXXX")
started=()
# There before the processes that write to them are.
touch "$folder"/{origin,sshd,tunnel}.log

# Ends what was started, newest first, by process id. tunnel gives its flows two seconds to drain.
clean_up() {
  trap '' INT TERM HUP
  local i pid
  for ((i = ${#started[@]} - 1; i >= 0; i--)); do
    pid=${started[i]}
    kill "$pid" 2>/dev/null || true
    wait_for 50 gone "$pid" || kill -KILL "$pid" 2>/dev/null || true
    wait "$pid" 2>/dev/null || true
  done
  rm -rf "$folder"
}
trap clean_up EXIT
trap 'echo; exit 0' INT
trap 'exit 143' TERM
trap 'exit 129' HUP

# wait_for <tenths of a second> <command ...>: whether the command succeeded within that time.
wait_for() {
  local tenths=$1
  shift
  until "$@"; do
    ((tenths-- > 0)) || return 1
    sleep 0.1
  done
}

gone() { ! kill -0 "$1" 2>/dev/null; }

# Whether the log has a line that matches, or there is no point in waiting for one any more.
said_or_gone() { grep --quiet --extended-regexp "$3" "$2" || gone "$1"; }

# port_in <pid> <log> <sed pattern whose group is the port>: waits until the process says its port.
port_in() {
  local port
  wait_for 200 said_or_gone "$1" "$2" "$3" || true
  port=$(sed --quiet --regexp-extended "s/.*$3.*/\1/p" "$2" | head --lines=1)
  if [[ -z $port ]]; then
    echo "It did not start; its log says:" >&2
    cat "$2" >&2
    return 1
  fi
  echo "$port"
}

# A port that is free now. sshd cannot pick one itself; a lost race shows as sshd not starting.
free_port() {
  /usr/bin/python3 -c 'import socket; s = socket.create_server(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

start_origin() {
  mkdir "$folder/site"
  echo "Hello from the far side of the tunnel, $(date '+%F %T')." >"$folder/site/index.html"
  /usr/bin/python3 -u -m http.server 0 --bind 127.0.0.1 --directory "$folder/site" >"$folder/origin.log" 2>&1 &
  started+=($!)
  origin_port=$(port_in $! "$folder/origin.log" 'Serving HTTP on 127\.0\.0\.1 port ([0-9]+)')
  echo "A web server with one page listens on 127.0.0.1:$origin_port."
}

make_keys() {
  ssh-keygen -q -t ed25519 -N '' -C tunnel-demo-host -f "$folder/host_key"
  ssh-keygen -q -t ed25519 -N '' -C tunnel-demo-user -f "$folder/user_key"
  cp "$folder/user_key.pub" "$folder/authorized_keys"
}

start_sshd() {
  # Where sshd, run as root, puts the process that talks to a client not yet authenticated. The package's
  # service makes it at boot; other servers on the machine may come to use it, so it stays.
  if [[ $(id -u) -eq 0 ]]; then
    mkdir -p /run/sshd
  fi
  local port
  port=$(free_port)
  cat >"$folder/sshd_config" <<CONFIG
ListenAddress 127.0.0.1:$port
HostKey $folder/host_key
AuthorizedKeysFile $folder/authorized_keys
PidFile none
StrictModes no
UsePAM no
PermitRootLogin prohibit-password
PasswordAuthentication no
KbdInteractiveAuthentication no
CONFIG
  # sshd insists on an absolute path to itself.
  /usr/sbin/sshd -D -e -f "$folder/sshd_config" 2>"$folder/sshd.log" &
  started+=($!)
  sshd_port=$(port_in $! "$folder/sshd.log" 'Server listening on 127\.0\.0\.1 port ([0-9]+)')
  read -r key_type key _ <"$folder/host_key.pub"
  echo "[127.0.0.1]:$sshd_port $key_type $key" >"$folder/known_hosts"
  echo "An SSH server with a key made for it listens on 127.0.0.1:$sshd_port."
}

start_tunnel() {
  "$binary" -N -D 127.0.0.1:0 -E "$folder/tunnel.log" -F /dev/null \
    -p "$sshd_port" -i "$folder/user_key" -o IdentitiesOnly=yes -o BatchMode=yes \
    -o UserKnownHostsFile="$folder/known_hosts" -o GlobalKnownHostsFile=/dev/null \
    "$(id -un)@127.0.0.1" &
  started+=($!)
  proxy_port=$(port_in $! "$folder/tunnel.log" 'listening on 127\.0\.0\.1:([0-9]+)')
  echo "tunnel is connected to it, and is a SOCKS proxy on 127.0.0.1:$proxy_port."
}

# The name is resolved by the SSH server: that is the h in socks5h.
fetch() {
  local page
  if ! page=$(curl -q --silent --show-error --fail --max-time 30 --noproxy '' \
    --proxy "socks5h://127.0.0.1:$proxy_port" "http://localhost:$origin_port/") ||
    [[ $page != "$(cat "$folder/site/index.html")" ]]; then
    echo "The page did not come through the tunnel; tunnel's log says:" >&2
    cat "$folder/tunnel.log" >&2
    return 1
  fi
  echo "curl fetched the page through tunnel, by name: $page"
}

start_origin
make_keys
start_sshd
start_tunnel
fetch
if [[ $once == --once ]]; then
  exit 0
fi

echo
echo "Try it yourself:"
echo "  curl --proxy socks5h://127.0.0.1:$proxy_port http://localhost:$origin_port/"
echo "Ctrl-C ends all of it."
wait -n "${started[@]}" || true
echo "One of them ended by itself; tunnel's log says:" >&2
cat "$folder/tunnel.log" >&2
exit 1
