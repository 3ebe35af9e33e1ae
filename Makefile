# Accueil. Two commands are all a newcomer needs:
#
#   make run     the demo hospital, with simulated patients and agents
#   make test    every test, from units to the whole system
#
# Both install what is missing on a fresh Debian or Ubuntu, say what they do,
# and can be run again at any time. `make help` lists the rest.

GO ?= go
# sudo drops the folder that Go's own installer uses from the path.
export PATH := $(PATH):/usr/local/go/bin:/usr/sbin

VERSION := $(shell git describe --tags --always --dirty 2>/dev/null || echo unknown)

# make run SITE=deploy/demo/site.yaml   that site, without simulated people
# make run LISTEN=192.168.1.10          SIP and HTTPS for phones on the network
SITE ?=
LISTEN ?=
DEMO_FLAGS = $(if $(SITE),--site $(SITE) --no-people) $(if $(LISTEN),--listen $(LISTEN))

# make test PKG=./queues/... ARGS='-run TestClaim -v'
PKG ?= ./...
ARGS ?=
# make bench-estimate TRACE=bank-feb-1999.csv.gz
TRACE ?= $(ACCUEIL_TRACE)
# Two packages at once, each with its own servers, suit the two cores of a
# small build machine; more cores take more packages.
TEST_FLAGS ?= -race -p $(shell n=$$(nproc 2>/dev/null || echo 2); [ $$n -lt 2 ] && n=2; echo $$n) -parallel 4 -timeout 15m

# The tests of the whole system come after the others, not beside them: they
# measure time.

# Where the tests find Asterisk. A value set by the caller is left alone.
WITH_ASTERISK = ACCUEIL_ASTERISK_ROOT="$${ACCUEIL_ASTERISK_ROOT:-$$(deploy/install/asterisk.sh --where)}"

.DEFAULT_GOAL := help
.PHONY: help run test build vet fmt lint bench bench-appqueue bench-estimate bench-routing bench-theory bench-trace soak packages test-packages asterisk generate clean distclean go-version

help: ## show this list
	@awk 'BEGIN {FS = ":.*## "} /^[a-z-]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: packages asterisk build ## start the demo hospital (SITE=, LISTEN=); Ctrl-C stops it
	@exec bin/accueil demo $(DEMO_FLAGS) $(ARGS)

test: test-packages asterisk vet fmt ## run every test (PKG=, ARGS= for a part of them)
	@set -e; export GO=$(GO) $(WITH_ASTERISK); packages=$$($(GO) list $(PKG)); \
	parts=$$(echo "$$packages" | grep -v '/e2e$$' || true); whole=$$(echo "$$packages" | grep '/e2e$$' || true); \
	if [ -n "$$parts" ]; then deploy/install/gotest.sh "$(TEST_FLAGS) $(ARGS)" $$parts; fi; \
	if [ -n "$$whole" ]; then deploy/install/gotest.sh "$(TEST_FLAGS) $(ARGS)" $$whole; fi

build: go-version ## build bin/accueil, one static binary
	@CGO_ENABLED=0 $(GO) build -trimpath -ldflags '-s -w -X main.version=$(VERSION)' -o bin/accueil ./cmd/accueil
	@echo "built bin/accueil $(VERSION)" >&2

vet: go-version
	@$(GO) vet $(PKG)

fmt: go-version
	@files=$$(gofmt -l $$(git ls-files --cached --others --exclude-standard '*.go' | while read -r f; do [ -e "$$f" ] && echo "$$f"; done)); \
	if [ -n "$$files" ]; then echo "accueil: these files are not formatted, run gofmt -w on them:" >&2; echo "$$files" >&2; exit 1; fi

lint: go-version ## run golangci-lint and shellcheck, where they are installed
	@if command -v golangci-lint >/dev/null; then golangci-lint run; \
	else echo "golangci-lint is not installed; make test checks the import rules without it" >&2; fi
	@if command -v shellcheck >/dev/null; then shellcheck -x .ci/run deploy/install/*.sh; \
	else echo "shellcheck is not installed" >&2; fi

bench: packages asterisk build ## measure: freed agent to INVITE, first sound, calls per second, memory
	@$(WITH_ASTERISK) $(GO) run ./e2e/bench $(ARGS)

bench-appqueue: packages asterisk build ## measure side by side with app_queue on the same Asterisk
	@$(WITH_ASTERISK) $(GO) run ./e2e/bench --only appqueue --n 150 $(ARGS)

bench-estimate: go-version ## measure the estimated wait on past calls (TRACE=calls.csv.gz)
	@ACCUEIL_TRACE="$(TRACE)" $(GO) run ./e2e/estimate $(ARGS)

bench-routing: go-version ## measure the routing engine by itself: cost of a decision by size
	@$(GO) run ./routing/bench $(ARGS)

bench-theory: go-version ## hold the simulation against theory and a published example
	@$(GO) run ./e2e/simbench theory $(ARGS)

bench-trace: go-version ## replay past calls under several ways of routing (TRACE=calls.csv.gz)
	@ACCUEIL_TRACE="$(or $(TRACE),$(ACCUEIL_TRACE))" $(GO) run ./e2e/simbench trace $(ARGS)

# ACCUEIL_SOAK=5 make soak: five times the ordinary counts instead of all.
soak: test-packages asterisk go-version ## run the tests with their long counts (hours)
	@ACCUEIL_SOAK=$${ACCUEIL_SOAK:-1} $(WITH_ASTERISK) $(GO) test -count=1 -p 1 -timeout 12h $(ARGS) $(PKG)

packages: ## install the missing packages for the demo (redis-server, espeak-ng)
	@deploy/install/packages.sh

test-packages: go-version
	@deploy/install/packages.sh test

asterisk: packages ## unpack an Asterisk for the demo and tests into .local/asterisk
	@deploy/install/asterisk.sh

generate: asterisk go-version ## write the generated Go again
	@$(WITH_ASTERISK) $(GO) generate ./...

clean: ## remove what was built
	@rm -rf bin

distclean: clean ## and the private Asterisk
	@rm -rf .local

go-version:
	@deploy/install/go.sh $(GO)
