# Callbox: `make run` starts an example office, `make test` proves everything.

SHELL := /bin/bash
CARGO ?= cargo
DATA ?= data
WEB := web/dist/index.html

# What a fresh Debian 12 lacks, by program: installed only where it is missing.
PHONES := baresip:baresip-core sipp:sip-tester linphone-daemon:linphone-cli ip:iproute2 faketime:faketime
BROWSER := chromium:chromium
BUILD := cc:gcc
# Where the machine's Node.js cannot build the panel, one that can is put here.
NODE := $(CURDIR)/target/node-tools
export PATH := $(NODE)/bin:$(PATH)

.PHONY: run test web lint bench replay sim kills fuzz cross sounds api need-build need-test

run: need-build web ## start Callbox with an example office
	$(CARGO) build --release
	target/release/callbox run --data $(DATA) --example --panel 4443 --panel-http 8080 $(ARGS)

test: need-build need-test web ## everything: format, lint, office, phones, browser
	$(CARGO) fmt --check
	$(CARGO) clippy --all-targets -- -D warnings
	cd web && npm test
	$(CARGO) build
	if $(CARGO) nextest --version >/dev/null 2>&1; then $(CARGO) nextest run --no-fail-fast; else $(CARGO) test --no-fail-fast; fi
	$(CARGO) test --doc -q

web: $(WEB)

$(WEB): $(shell find web -type f -not -path '*/node_modules/*' -not -path 'web/dist/*' 2>/dev/null) | need-build
	cd web && npm ci --no-audit --no-fund && npm run build
	@touch $(WEB)

replay: web ## a flight recording that was downloaded: make replay FLIGHT=file
	FLIGHT=$(abspath $(FLIGHT)) $(CARGO) test --test office a_download_is_played -- --nocapture

sim: web ## more seeds than `make test`: make sim SEEDS=10000
	SEEDS=$(or $(SEEDS),10000) $(CARGO) test --release --test office simulation -- --nocapture

kills: ## 1,000 random kill -9 under load
	KILLS=$(or $(KILLS),1000) $(CARGO) test --test peer kills -- --nocapture

fuzz: web ## ten minutes a target: make fuzz SECONDS=600
	@command -v cargo-fuzz >/dev/null || $(CARGO) install --locked cargo-fuzz
	cd fuzz && for target in $$($(CARGO) fuzz list); do mkdir -p corpus/$$target && \
	  $(CARGO) fuzz run --sanitizer none $$target corpus/$$target $$(ls -d seeds/$$target 2>/dev/null) -- \
	  -max_total_time=$(or $(SECONDS),600) -max_len=8192 -timeout=10 || exit 1; done

bench: need-build web ## Callbox beside rtpengine and kamailio on this machine, then instructions counted
	benches/run

lint: web ## licences, bans and sources of everything we stand on, and what no test builds
	$(CARGO) check --quiet --manifest-path fuzz/Cargo.toml
	$(CARGO) check --quiet --manifest-path benches/count/Cargo.toml --benches
	@command -v cargo-deny >/dev/null || $(CARGO) install --locked cargo-deny
	$(CARGO) fetch --locked --quiet
	$(CARGO) deny --offline check licenses bans sources

cross: web ## one static binary for the board: make cross BOARD=qemu-aarch64
	board/common/cross board/$(or $(BOARD),qemu-aarch64)

api: web ## write docs/api/v1.json anew, at a release: what it said before must still hold
	RELEASE_API=1 $(CARGO) test --test office the_released_document

sounds: ## speak the prompts anew from their texts
	python3 sounds/make.py

need-build:
	@board/common/need $(BUILD)
	@board/common/node $(NODE)

need-test:
	@board/common/need $(PHONES) $(BROWSER)
	@fc-list 2>/dev/null | grep -qi 'cjk' || board/common/need --package fonts-noto-cjk
