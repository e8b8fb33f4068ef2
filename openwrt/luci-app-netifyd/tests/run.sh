#!/bin/sh
# Tests of the pages, with Node, npm and Chromium: apt-get install nodejs npm chromium
set -eu
cd "$(dirname "$0")"
for p in node npm; do
	command -v $p >/dev/null || { echo "$p is not here: apt-get install nodejs npm chromium"; exit 1; }
done
[ -d node_modules/playwright-core ] && [ -d node_modules/eslint ] || npm ci --no-audit --no-fund
# LuCI runs a page as the body of a function, so it is checked as one.
find ../htdocs -name '*.js' | while read -r f; do
	{ echo '(function() {'; cat "$f"; echo '});'; } | node --check - || { echo "in $f"; exit 1; }
done
(cd .. && node tests/node_modules/eslint/bin/eslint.js -c tests/eslint.config.mjs htdocs root tests)
exec node run.js "$@"
