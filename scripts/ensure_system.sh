#!/bin/sh
# Installs the Debian packages the product needs, where it may; otherwise says which are missing.
# usage: ensure_system.sh PYTHON PACKAGE...
set -eu
python=$1
shift
missing() {
    command -v "$python" >/dev/null 2>&1 || { echo "$python"; return; }
    "$python" -c 'import ensurepip, ctypes; ctypes.CDLL("libGL.so.1"); ctypes.CDLL("libglib-2.0.so.0")' 2>/dev/null ||
        echo "libraries"
}
[ -z "$(missing)" ] && exit 0
if [ "$(id -u)" = 0 ]; then run=""; elif sudo -n true 2>/dev/null; then run="sudo"; else
    echo "Cần cài gói hệ thống / system packages are missing. Run: sudo apt-get install $*" >&2
    exit 2
fi
$run apt-get update -q >/dev/null || true
$run env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends "$@" >/dev/null || true
if [ -n "$(missing)" ]; then
    echo "Thiếu / still missing: $(missing). Needed: $* ; install them and run make again." >&2
    exit 2
fi
