# shellcheck shell=bash disable=SC2034
# Debian packages that the scripts need, and a function that installs those that are missing.
# Sourced by the scripts beside this folder; needs bash.

# To build the program.
build_packages=(
  ccache cmake g++ libboost1.81-dev libcli11-dev libldns-dev libspdlog-dev libssh2-1-dev libssl-dev ninja-build pkg-config
)

# To run the demo of scripts/run.
demo_packages=(curl openssh-client openssh-server python3)

# To build and run the tests and the checks: libraries, Clang, servers and clients.
test_packages=(
  clang-16 clang-format-16 clang-tidy-16 libbenchmark-dev libclang-rt-16-dev libgmock-dev libgtest-dev
  dropbear-bin openssh-client openssh-server
  erlang-base erlang-ssh nodejs python3-asyncssh python3-paramiko python3-twisted
  bind9-dnsutils chromium curl dante-client dnsmasq-base microsocks netcat-openbsd openssl proxychains4 python3
  python3-pyftpdlib python3-socks socat stunnel4 tinyproxy tmux tnftp tor torsocks
  csh dash fish zsh
  iproute2 procps
)

# Runs a command as root: directly, or through sudo.
as_root() {
  if [[ $(id -u) -eq 0 ]]; then
    "$@"
  else
    sudo "$@"
  fi
}

# Installs those of the named packages that are not installed. What apt-get says goes to stderr, so that
# a script's standard output stays its own.
install_missing() {
  local missing=() package
  for package in "$@"; do
    if [[ $(dpkg-query --show --showformat='${db:Status-Status}' "$package" 2>/dev/null) != installed ]]; then
      missing+=("$package")
    fi
  done
  if [[ ${#missing[@]} -eq 0 ]]; then
    return
  fi
  if [[ $(id -u) -ne 0 ]] && ! command -v sudo >/dev/null; then
    echo "$0: these packages are missing, and installing them takes root or sudo. As root, run:" >&2
    echo "  apt-get install --no-install-recommends ${missing[*]}" >&2
    exit 1
  fi
  echo "Installing ${missing[*]}." >&2
  keep_services_stopped "${missing[@]}"
  as_root apt-get update --quiet >&2
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install --yes --quiet --no-install-recommends \
    "${missing[@]}" >&2
}

# The scripts start throwaway SSH servers of their own, on loopback. Installing openssh-server must not
# open port 22 of the machine to the world as well, nor tinyproxy port 8888; and of tor only its client
# tor-resolve is wanted.
keep_services_stopped() {
  [[ -d /run/systemd/system ]] || return 0
  if [[ " $* " == *" openssh-server "* ]]; then
    as_root systemctl mask ssh.service ssh.socket >&2
    echo "The system's own SSH service stays off; to use it: systemctl unmask ssh.service ssh.socket" >&2
  fi
  if [[ " $* " == *" tinyproxy "* ]]; then
    as_root systemctl mask tinyproxy.service >&2
    echo "The system's own Tinyproxy stays off; to use it: systemctl unmask tinyproxy.service" >&2
  fi
  if [[ " $* " == *" tor "* ]]; then
    as_root systemctl mask tor.service tor@default.service >&2
    echo "The system's own Tor service stays off; to use it: systemctl unmask tor.service tor@default.service" >&2
  fi
}
