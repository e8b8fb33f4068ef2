# netifyd: what can be made. `make` prints this list.
# sudo takes away the PATH that has Go, so it is looked for where it is installed.
GO      ?= $(firstword $(shell command -v go) $(wildcard /usr/local/go/bin/go /usr/lib/go/bin/go /usr/lib/go-1.*/bin/go /snap/bin/go $(HOME)/go/bin/go $(HOME)/sdk/go*/bin/go \
	$(addsuffix /sdk/go*/bin/go,$(shell [ -z "$$SUDO_USER" ] || getent passwd "$$SUDO_USER" | cut -d: -f6))) go)
export PATH := $(if $(findstring /,$(GO)),$(patsubst %/,%,$(dir $(GO))):)$(PATH)
VERSION ?= $(shell sed -n 's/^var Number = "\(.*\)"$$/\1/p' core/version/version.go)
RELEASE ?= 1
LDFLAGS  = -s -w -buildid= -X netifyd/core/version.Number=$(VERSION)
BUILD    = CGO_ENABLED=0 $(GO) build -trimpath -buildvcs=false -ldflags '$(LDFLAGS)'
FUZZTIME ?= 60s
FLOWS   ?= 10000000
CORPUS  ?= ../shared/corpus
# Of bench-files: where its captures lie, 1.7 GB, and how often each is read.
DIR     ?= /var/tmp/netifyd-bench
ROUNDS  ?= 5
# Builds and packs for other systems; see cross/targets.tsv for the names of TARGET.
CROSS    = cd cross && $(GO) run . -version $(VERSION) -release $(RELEASE)
TARGET  ?=
# Whose budgets CI holds; the others are of the same code.
BUDGETED = mipsle mipsle-tiny arm7 arm64 freebsd-amd64
# System, architecture, level: what every change must compile for. ARM 5 and 6 compile the same files as 7.
TARGETS = linux/mips/softfloat linux/mipsle/softfloat linux/arm/7 linux/arm64 linux/amd64 linux/386 linux/riscv64 freebsd/amd64 freebsd/arm64

help: ## print this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' Makefile

run: build ## build the agent and run it live on the detected interfaces, one line a flow
	@sh testdata/make/run.sh ./netifyd

test: go ## run all tests
	$(GO) test -timeout 30m ./...
	$(GO) test -tags kafka ./cmd/netifyctl/relay/output/kafka

go: # says what to do where there is no Go
	@command -v $(GO) >/dev/null || { echo "Go is not found: install Go 1.26 from https://go.dev/dl, or say where it is: make GO=/path/to/bin/go"; exit 1; }

build: go ## build ./netifyd and ./netifyctl for this machine
	$(BUILD) -o netifyd ./cmd/netifyd
	$(BUILD) -o netifyctl ./cmd/netifyctl

check: fmt vet lint generated test test-cross test-fleet steady race targets budgets pages ## what CI runs

fmt: ## all Go files are as gofmt writes them
	@bad=$$(gofmt -l cmd core afpacket detect uci cross fleet testdata 2>/dev/null); [ -z "$$bad" ] || { echo "run gofmt -w on:"; echo "$$bad"; exit 1; }

vet: ## go vet, also of what is built with tags
	$(GO) vet ./...
	CGO_ENABLED=1 $(GO) vet -tags gopacket ./afpacket ./cmd/netifyd
	$(GO) vet -tags tiny ./core/expr ./core/config ./cmd/netifyd

STATICCHECK = honnef.co/go/tools/cmd/staticcheck@v0.7.0
lint: ## staticcheck; shellcheck of the scripts
	$(GO) run $(STATICCHECK) ./...
	@if command -v shellcheck >/dev/null; then \
	  shellcheck -S warning $$(find examples init.d openwrt cross .ci -path "*/node_modules" -prune -o -name '*.sh' -o -path .ci/run -type f) && \
	  shellcheck -S error $$(find testdata/make -name '*.sh'); \
	else echo "shellcheck is not here: scripts not checked"; fi

test-fleet: ## tables, questions, pipe and board of many routers, with the servers that are installed
	cd fleet && $(GO) vet -tags kafka ./... && $(GO) test -tags kafka ./...

DAY ?= $(shell date -u +%F)
catalogue: go ## compile the catalogue of applications, of today (DAY), and pack it for agents that run already
	echo $(DAY) > detect/app/catalogue/date
	$(GO) generate ./detect/app
	$(CROSS) catalogue

generated: ## generated files are what their generators write
	$(GO) generate ./core/proto ./detect/app
	@git -c safe.directory='*' diff --exit-code -- core/proto detect/app/catalogue.bin >/dev/null || { echo "core/proto, detect/app: commit what go generate wrote"; exit 1; }

# exec: whoever ends make ends the fleet, which ends what it started.
FLEET = cd fleet && $(GO) build -o ../build/fleet . && exec ../build/fleet

fleet: ## a small fleet on this machine: three ways to the store, every fault, and the sums compared
	$(FLEET) example --root .. --faults

fleet-sim: ## up to 1000 simulated routers with an outage of broker and store, eight minutes; the tables go into docs/fleet.md
	$(FLEET) sim --report ../docs/fleet.md --routers 1000

fleet-board: ## the same without faults, kept running, with its page at http://127.0.0.1:8090
	$(FLEET) example --root .. --board 127.0.0.1:8090

race: ## the packages in which goroutines meet, with the race detector
	CGO_ENABLED=1 $(GO) test -race ./core/sink/... ./core/engine ./core/hint ./afpacket

# Rounds of each stress test; make test makes a few.
STRESS ?= 200
stress: ## random disturbance of interfaces and sockets under load, STRESS rounds of each test (root)
	STRESS=$(STRESS) $(GO) test -count=1 -timeout 2h -run Stress -v ./cmd/netifyd ./core/...

MINUTES ?= 10
relay-faults: ## netifyctl relay at 1000 flows a second, MINUTES (10) of servers that are killed, slow, full or not there
	MINUTES=$(MINUTES) $(GO) test -count=1 -timeout 2h -run Faults -v ./cmd/netifyctl/relay/faults

targets: ## vet, and so compile, the agent for every system and architecture; budgets compiles netifyctl
	@for t in $(TARGETS); do \
	  os=$${t%%/*}; rest=$${t#*/}; arch=$${rest%%/*}; level=; [ $$rest = $$arch ] || level=$${rest#*/}; \
	  GOOS=$$os GOARCH=$$arch GOMIPS=softfloat GOARM=$$(case $$level in [567]) echo $$level;; *) echo 7;; esac) $(GO) vet ./cmd/netifyd ./core/... ./afpacket ./detect/... ./uci >/dev/null || exit 1; \
	done

cross: ## build the agent for every target of cross/targets.tsv, or for TARGET
	$(CROSS) build $(TARGET)

packages: ## write ipk, apk, deb, rpm and pkg, and signed feeds, to build/packages (TARGET: of one target)
	$(CROSS) packages $(TARGET)

test-cross: ## the builders of the packages, against readers of their own
	cd cross && $(GO) vet ./... && $(GO) test -count=1 ./... # what it reads through other programs, a cache of results does not see

steady: ## the tests of the packets' path, compiled as the packages are, on 32 bits: no allocation, no crash
	$(CROSS) steady 386

test-packages: packages ## install the packages with Debian's tools (root)
	sh cross/test-packages.sh

pages: go ## LuCI's pages and those of netifyctl web in a headless Chromium (npm, chromium)
	sh openwrt/luci-app-netifyd/tests/run.sh
	GO=$(GO) sh cmd/netifyctl/web/tests/run.sh

smoke: cross ## run every binary for Linux, in an emulator where needed
	$(CROSS) smoke $(TARGET)

qemu-system: ## run the agent on kernels of MIPS and arm64, in qemu-system (110 MB from Debian, once)
	$(CROSS) build mipsle arm64
	sh cross/qemu-system.sh build

sizes: packages ## bytes of each binary and package, against the budgets
	$(CROSS) sizes $(TARGET)

where: ## print the trace of a crash, from standard input, with lines of source: make where TARGET=mipsle <trace
	@$(CROSS) where $(TARGET)

budgets:
	$(MAKE) sizes TARGET='$(BUDGETED)'

deps: ## write the lists of linked packages, cross/deps-*.txt
	$(CROSS) -update deps

bench: ## ns and allocations a packet: decode, touch, inspect, the whole corridor
	BENCH_DIR="$(DIR)" $(GO) test -run '^$$' -bench . -benchmem ./core/packet ./core/flow ./core/event ./detect ./core/engine

bench-files: build ## processor time and memory of a replay against tcpdump, on large captures (DIR, ROUNDS)
	@sh testdata/make/bench-files.sh ./netifyd "$(DIR)" $(ROUNDS)

bench-insns: ## instructions a packet on mipsle, arm and amd64, in an emulator (FILES: captures; else of testdata)
	@sh testdata/make/bench-insns.sh $(FILES)

soak: ## 30 million packets through a shard: the heap never grows, the collector rests
	SOAK=30000000 $(GO) test ./core/engine -run Soak -v -timeout 30m

bench-live: build ## what is lost at full rate over a veth pair, against tcpdump (root, DIR, ROUNDS)
	sh testdata/make/bench-live.sh ./netifyd "$(DIR)/mix.pcap" $(ROUNDS)

bench-resident: ## what stays in memory while the flow table is full, on 64 and 32 bits (root, DIR, ROUNDS)
	sh testdata/make/bench-resident.sh "$(DIR)/mix.pcap" $(ROUNDS)

bench-shunt: build ## what elephants cost with and without the kernel's help (root)
	sh testdata/make/bench-shunt.sh ./netifyd

bench-filter: ## what the kernel's filter costs packets that it does not shunt (root)
	$(GO) test -run '^$$' -bench ShuntEmpty -benchtime 2000000x ./afpacket
	$(GO) test -run '^$$' -bench ShuntAttached -benchtime 200x -count 5 ./afpacket

flood: ## a million packets of each flood: memory flat, decided flows kept, no collector
	FLOOD=1000000 $(GO) test ./core/engine -run Floods -v

fuzz: ## every fuzz target, FUZZTIME each (default 60s)
	@for p in $$($(GO) list ./...); do for f in $$($(GO) test -list '^Fuzz' $$p | grep ^Fuzz); do \
	  echo "$$p $$f"; $(GO) test -run '^$$' -fuzz "^$$f\$$" -fuzztime $(FUZZTIME) $$p || exit 1; done; done

noise: ## ten million flows of noise of every kind, and of random bytes at every port: what each card takes for its own (FLOWS)
	NOISE=$(FLOWS) $(GO) test ./detect -run 'Noise|Blocked' -v -timeout 3h

score: build ## compare with the labelled captures beside this tree, where they are
	@[ -x $(CORPUS)/score ] && $(CORPUS)/score --agent ./netifyd || echo "$(CORPUS) is not here: nothing to compare with"

clean: ## remove what was built
	rm -rf build netifyd

.PHONY: bench bench-files bench-filter bench-insns bench-live bench-resident bench-shunt budgets build catalogue check clean cross deps flood fleet fleet-board fleet-sim fmt fuzz generated go help lint noise packages pages qemu-system race relay-faults run score sizes smoke soak steady stress targets test test-cross test-fleet test-packages vet where
