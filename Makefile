# Thin on purpose: each target is a script of the same name in scripts/.
.DEFAULT_GOAL := help
.PHONY: help run test check bench faults soak release setup screenshots sqlx-prepare clean

help: ## show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' Makefile

run: ## set up what is missing, start portal and demo identity provider, print the address
	@scripts/run

test: ## the whole suite: checks, rules, operations, HTTP, real browser
	@scripts/test

check: ## what can be said without running: format, clippy, licences, spelling, rooms
	@scripts/check

bench: ## cold start, memory, page times, bundle size, the runner beside graphile-worker
	@scripts/bench

faults: ## kill processes and cut connections while jobs run, each at its named place
	@scripts/faults

soak: ## the same at random and for long: make soak N=1000
	@N="$(N)" scripts/soak

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
