# shellcheck shell=bash
# npm's ssh2, a server that the tests run against and the one thing of theirs that Debian does not have.
# Sourced by the scripts beside this folder, from the project's folder, after packages.sh; needs bash.

# Where integration/CMakeLists.txt says that the tests look.
npm_folder=build/npm

# Installs the versions that the lock file pins; npm checks each against the hash there. Nothing of theirs is
# built or run while installing.
install_npm_packages() {
  if [[ -f $npm_folder/node_modules/.package-lock.json ]] &&
    cmp --quiet integration/servers/package-lock.json "$npm_folder/package-lock.json"; then
    return
  fi
  # Some packages of Node.js bring npm along, and exclude Debian's.
  if ! command -v npm >/dev/null; then
    install_missing npm
  fi
  echo "Installing npm's ssh2 in $npm_folder." >&2
  rm -rf "$npm_folder"
  mkdir -p "$npm_folder"
  cp integration/servers/package{,-lock}.json "$npm_folder"
  if ! npm ci --prefix "$npm_folder" --ignore-scripts --omit=optional --no-audit --no-fund >&2; then
    rm -rf "$npm_folder"
    echo "$0: npm could not install ssh2, which integration tests need: can it reach its registry?" >&2
    exit 1
  fi
}
