#!/bin/sh
# Tests of the page in a headless Chromium, over the real netifyctl. Node's modules are those of LuCI's tests, which make pages runs first.
set -eu
cd "$(dirname "$0")/../../../.."
[ -d openwrt/luci-app-netifyd/tests/node_modules/playwright-core ] || (cd openwrt/luci-app-netifyd/tests && npm ci --no-audit --no-fund)
(cd cmd/netifyctl/web && node ../../../openwrt/luci-app-netifyd/tests/node_modules/eslint/bin/eslint.js -c tests/eslint.config.mjs page tests)
mkdir -p build
CGO_ENABLED=0 "${GO:-go}" build -o build/netifyctl-pages ./cmd/netifyctl
exec node cmd/netifyctl/web/tests/run.js "$@"
