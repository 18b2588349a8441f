# Thin on purpose: each target is a script of the same name in scripts/.
.DEFAULT_GOAL := help
.PHONY: help run test check bench faults release setup screenshots sqlx-prepare clean

help: ## show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' Makefile

run: ## set up what is missing, start portal and demo identity provider, print the address
	@scripts/run

test: ## the whole suite: checks, rules, operations, HTTP, real browser
	@scripts/test

check: ## what can be said without running: format, clippy, licences, spelling, rooms
	@scripts/check

bench: ## cold start, memory, page times at 100,000 audit events, bundle size
	@scripts/bench

faults: ## kill processes and cut connections while jobs run (comes with the runner)
	@scripts/faults

release: ## the one binary, everything inside
	@scripts/setup
	@scripts/release

setup: ## bring what is missing for everything below and above
	@scripts/setup test

screenshots: ## pictures of the main pages, light and dark, wide and narrow
	@scripts/screenshots

sqlx-prepare: ## write the query data in .sqlx anew
	@scripts/sqlx-prepare

clean: ## remove what was built and the demo's data
	@scripts/clean
