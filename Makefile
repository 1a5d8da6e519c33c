# Parley. `make` lists what there is.
SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
export CDK_DISABLE_CLI_TELEMETRY := 1
export JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION := 20

FUNCTIONS := $(patsubst functions/%/lambda,%,$(wildcard functions/*/lambda))
STATICCHECK := honnef.co/go/tools/cmd/staticcheck@v0.8.2
GOFUMPT := mvdan.cc/gofumpt@v0.12.0

.PHONY: help
help: ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  make \1\t/' | expand -t 18

.PHONY: run
run: web dist/parley ## the whole product on this machine: no cloud account, data in .parley/
	@exec dist/parley

DEMO = $(or $(DATA_DIR),.parley-demo)

.PHONY: demo
demo: web dist/parley ## the product on a month of a small shop: 2 000 conversations, generated; data in .parley-demo/
	@go run ./infra/local/demo -dir $(DEMO)
	@DATA_DIR=$(DEMO) exec dist/parley

.PHONY: test
test: lint test-go test-web ## everything CI runs; closes with "N passed, N failed"
	@.ci/summary

.PHONY: test-go
test-go: need-java need-clients ## Go: domain, contracts on both tables, functions, template, flows
	@mkdir -p dist && go test -timeout 30m ./... 2>&1 | tee dist/test-go.log

.PHONY: test-web
test-web: web dist/parley need-browser ## web: units, then Chromium against the running product
	@cd web && NO_COLOR=1 npm test 2>&1 | tee ../dist/test-web-unit.txt
	@cd web && npm run size
	@cd web && NO_COLOR=1 PARLEY_BIN=$(CURDIR)/dist/parley npm run e2e 2>&1 | tee ../dist/test-web-e2e.txt

.PHONY: flows
flows: need-java need-clients ## the flows over real SMTP, HTTP and sockets: in local mode, then with the binaries and rights that deploy
	@go test -count=1 -timeout 30m -v -run 'TestFlow' ./infra/local/... ./infra/rehearsal

.PHONY: lint
lint: web/node_modules ## formatting, vet, staticcheck, Biome, types
	@test -z "$$(go run $(GOFUMPT) -l $$(git ls-files '*.go'))" || { echo "gofumpt: run make fmt"; exit 1; }
	@go vet ./...
	@go run $(STATICCHECK) ./events/... ./shared/... ./functions/... ./infra/local/... ./infra/rehearsal/... # not the CDK app: it would read all of the CDK
	@cd web && npm run lint && npm run typecheck

.PHONY: fmt
fmt: web/node_modules ## format Go and web
	@go run $(GOFUMPT) -w $$(git ls-files '*.go')
	@cd web && npm run format

.PHONY: bench
bench: web dist/parley build need-browser ## figures, one "name value unit" a line
	@$(MAKE) --no-print-directory build ARCH=$$(go env GOARCH) DIST=dist/native
	@go run ./infra/rehearsal/coldstart -deployed dist -native dist/native
	@go run ./infra/local/bench -bin dist/parley
	@cd web && PARLEY_BIN=$(CURDIR)/dist/parley node scripts/run.mjs scripts/chat-latency.ts

.PHONY: bench-mail
bench-mail: dist/parley ## the same of ten thousand mails alone: none lost, none double, memory
	@go run ./infra/local/bench -bin dist/parley -only mails

.PHONY: bench-chat
bench-chat: web dist/parley need-browser ## the same of chat alone: a thousand visitors and fifty agents on sockets, then one of each in two browsers, from key to screen
	@go run ./infra/local/bench -bin dist/parley -only chats
	@cd web && PARLEY_BIN=$(CURDIR)/dist/parley node scripts/run.mjs scripts/chat-latency.ts

.PHONY: mail-gates
mail-gates: ## what reading mail must reach over the corpora, one "name value unit target" a line
	@go test ./shared/email -count=1 -run '^TestGates' -v | sed -n 's/^gate: //p; /gates_test.go.*must be/p; /^FAIL\|^panic:/p'

.PHONY: rights
rights: need-java need-clients ## take every grant away, in the CDK's code and from the running roles, one at a time: each is missed by name (10 min)
	@go test -count=1 -timeout 30m -v -run TestARemovedGrant ./infra -grants all
	@go test -count=1 -timeout 60m -v -run 'TestFlowRights$$' ./infra/rehearsal -grants all

.PHONY: bench-bots
bench-bots: web dist/parley ## the same of bots alone: a hundred visitors who answer at once
	@go run ./infra/local/bench -bin dist/parley -only bots

.PHONY: soak soak-bench soak-chat soak-cost soak-fuzz soak-import
soak: rights soak-bench soak-chat soak-cost soak-fuzz soak-import ## the long ones, one after the other: half a day

soak-import: ## a file of 100 000 contacts, one in a hundred of them wrong: in, in again, and out; an erasure that dies at every call (6 min)
	@go test -count=1 -v -timeout 1h -run 'TestImportOfMany|TestEraseSurvives' ./functions/sweep -rows 100000

soak-chat: ## five thousand chat messages by 48 visitors and three agents; sockets of two seconds, lost answers, twelve kills (4 min)
	@go test -count=1 -v -timeout 1h -run 'TestChatThroughFaults' ./infra/local/flows -args -visitors 48 -messages 52 -kills 12 -calm 5s

soak-bench: dist/parley ## figures with a million threads
	@go run ./infra/local/bench -bin dist/parley -threads 1000000

soak-cost: need-java ## request units with a million of everything (two hours, 16 GB of disk)
	@go test -count=1 -v -timeout 12h -run TestOperations ./infra/cost -items 1000000

soak-fuzz: FUZZTIME ?= 1h
soak-fuzz: ## every fuzz test for FUZZTIME (1h) each
	@grep -rHo --include='*_test.go' --exclude-dir=node_modules '^func Fuzz[A-Za-z]*' . | while IFS=: read -r file name; do \
		go test -run xxx -fuzz "^$${name#func }$$" -fuzztime $(FUZZTIME) "$$(dirname "$$file")"; done

.PHONY: web
web: web/node_modules ## build the web inbox into web/dist
	@cd web && npm run --silent build

web/node_modules: web/package-lock.json
	@.ci/need node nodejs npm npm
	@cd web && npm ci --no-audit --no-fund --loglevel=error && touch node_modules

node_modules: package-lock.json
	@npm ci --no-audit --no-fund --loglevel=error && touch node_modules

.PHONY: need-java need-browser need-clients
need-java:
	@.ci/need java openjdk-17-jre-headless

# The mail clients that exchange mails with us; the fifth, nodemailer, is one of the web's packages.
need-clients: web/node_modules
	@.ci/need swaks swaks s-nail s-nail mutt mutt python3 python3

need-browser:
	@.ci/need chromium chromium

.PHONY: dist/parley
dist/parley:
	@mkdir -p dist && go build -o dist/parley ./infra/local

.PHONY: build
build: ARCH ?= arm64
build: DIST ?= dist
build: ## every function as it deploys: dist/<name>/bootstrap
	@for f in $(FUNCTIONS); do GOOS=linux GOARCH=$(ARCH) CGO_ENABLED=0 go build -tags lambda.norpc -trimpath -buildvcs=false \
		-ldflags='-s -w -buildid=' -o $(DIST)/$$f/bootstrap ./functions/$$f/lambda; done

.PHONY: synth
synth: build node_modules ## the CloudFormation template into cdk.out, offline
	@rm -rf cdk.out && npx cdk synth -q

.PHONY: golden
golden: ## write infra/template.golden.json anew; review it as a diff
	@go test ./infra -run TestTemplateGolden -update

STAGE ?= dev

.PHONY: deploy
deploy: build web node_modules ## into your AWS account: MAIL_DOMAIN=mail.example.com [STAGE=prod] [CDK="-c adminEmail=…"]
	@test -n "$(MAIL_DOMAIN)" || { echo 'deploy: say MAIL_DOMAIN=… and, the first time, run: npx cdk bootstrap'; exit 1; }
	@rm -rf cdk.out && npx cdk synth -q -c stage=$(STAGE) $(CDK)
	@npx cdk diff --app cdk.out
	@npx cdk deploy --app cdk.out --parameters MailDomain=$(MAIL_DOMAIN) --outputs-file dist/outputs.json
	@go run ./infra/upload
	@go run ./infra/doctor

.PHONY: doctor
doctor: ## what the deployed stage still lacks: DNS, SES's sandbox, the mail rule
	@go run ./infra/doctor
