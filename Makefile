# Every target sets up what it needs: python3 (3.11 or newer), pip, make and git are enough.

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.SUFFIXES:

PYTHON ?= python3
UV     := .tools/bin/uv
RUN    := .venv/bin/

export UV_PYTHON_DOWNLOADS := never
# The tests start many processes, none of which should compile everything again.
unexport PYTHONDONTWRITEBYTECODE

# A company's certificates and mirror (docs/mirrors-and-certificates.md): what one tool is told, the others are, too.
export UV_SYSTEM_CERTS ?= true
ifdef PIP_CERT
export SSL_CERT_FILE ?= $(PIP_CERT)
endif
ifdef SSL_CERT_FILE
export PIP_CERT ?= $(SSL_CERT_FILE)
export NODE_EXTRA_CA_CERTS ?= $(SSL_CERT_FILE)
endif
ifdef PIP_INDEX_URL
ifndef UV_INDEX_URL
export UV_DEFAULT_INDEX ?= $(PIP_INDEX_URL)
endif
endif

LOCK := $(UV) pip compile --quiet --generate-hashes --universal --python-version 3.11 \
	--no-emit-index-url --no-emit-find-links --custom-compile-command "make lock"

.PHONY: help generate fetch bench fuzz docs hooks test test-length test-wheel test-delivery test-tools test-report report contract snapshots check compare-locks audit build publish vendor release test-deep test-watchers test-lowest test-httpx2 test-pythons lock setup clean

help: ## list the targets
	@sed -n 's/^\([a-z0-9-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 14

generate: setup ## pages in spec/docs -> contract, client, models, report
	@$(RUN)python -m scripts generate

fetch: setup ## the pages of spec/sources.yaml -> spec/docs
	@$(RUN)python -m scripts fetch

# Two workers a processor: the client's tests wait for sockets and processes half of their time.
PARALLEL := --numprocesses $(shell expr 2 \* "$$(getconf _NPROCESSORS_ONLN)") --dist worksteal
PYTEST   := $(RUN)pytest $(PARALLEL) --inline-snapshot disable
OF_WHEEL := pytest -q $(PARALLEL) -o pythonpath= -p no:cacheprovider -m "not deep" tests/client

test: setup ## the tests: every behaviour once, in parallel
	$(PYTEST) -m "not deep"

# The same at length, and again in other surroundings.
test-deep: ## all other tests: at length, on the wheel, on every Python, against real servers
	@MAKE="$(MAKE)" ci/parts.sh test-length test-wheel test-lowest test-httpx2 test-pythons test-delivery test-tools

PROPERTY_EXAMPLES ?= 200
test-length: setup
	PROPERTY_EXAMPLES=$(PROPERTY_EXAMPLES) $(PYTEST) -m "deep or hypothesis"

test-delivery: setup .venv-index/.stamp ## build, release, publish, vendor, changes of the pages: in copies of the checkout
	$(PYTEST) tests/delivery tests/change

test-tools: setup ## test-watchers, contract, docs and fuzz: each takes one processor, so two at a time
	@$(MAKE) --no-print-directory --jobs 2 --output-sync test-watchers contract docs fuzz FUZZ_SECONDS=5 FUZZ_SEED=1

contract: .venv-contract/.stamp ## Prism serves the contract to the built wheel; schemathesis tries the fake API
	.venv-contract/bin/pytest -o pythonpath=. -o filterwarnings=default -p no:cacheprovider tests/contract

test-wheel: .venv-wheel/.stamp ## the client's tests against the wheel that will be published
	.venv-wheel/bin/$(OF_WHEEL)

test-watchers: .venv-watchers/.stamp ## Sentry, Datadog, New Relic, mocks ...: each tool that watches httpx, for real
	PYTHONPATH=.:overrides:generated .venv-watchers/bin/pytest -o addopts= -o filterwarnings=default \
		-p no:cacheprovider tests/watchers

test-httpx2: .venv-httpx2-alias/.stamp .venv-httpx2/.stamp ## the client on httpx2: by its alias, and as a vendored copy without httpx
	.venv-httpx2-alias/bin/$(OF_WHEEL) -W "ignore:Module already imported"
	@rm -rf .venv-httpx2/copy
	@$(RUN)python -m scripts vendor --quiet --http httpx2 .venv-wheel/dist/*.whl .venv-httpx2/copy/service/_vendor
	@$(RUN)python -m tests.vendored .venv-httpx2/copy
	cd .venv-httpx2/copy && ../bin/$(OF_WHEEL)

test-lowest: .venv-lowest/.stamp ## the client's tests with the lowest attrs, httpx and python-dateutil allowed
	.venv-lowest/bin/$(OF_WHEEL)

# The supported Pythons are those of pyproject.toml; pyenv's are at hand once PYENV_VERSION names them.
test-pythons: .venv-wheel/.stamp ## the client's tests on every other supported Python at hand
	@export PYENV_VERSION="$$(pyenv versions --bare 2> /dev/null | paste -sd: -)"; tested=; \
	own=$$($(RUN)python -c 'import sys; print("%d.%d" % sys.version_info[:2])'); \
	for version in $$(sed -n 's/.*Python :: \(3\.[0-9]*\)".*/\1/p' pyproject.toml); do \
		found=$$($(UV) python find --no-project --system "$$version" 2> /dev/null) || { \
			echo "Python $$version is not at hand: not tested"; continue; }; \
		tested="$$tested $$version"; \
		[ "$$version" != "$$own" ] || { echo "Python $$version: make test-wheel"; continue; }; \
		echo "Python $$version"; \
		$(UV) venv --quiet --clear --python "$$found" ".venv-python$$version" && \
		$(UV) pip sync --quiet --python ".venv-python$$version/bin/python" --require-hashes requirements/client.txt && \
		$(UV) pip install --quiet --no-deps --no-index --python ".venv-python$$version/bin/python" .venv-wheel/dist/*.whl && \
		.venv-python$$version/bin/$(OF_WHEEL) || exit 1; \
	done; echo "tested on:$$tested"; test -n "$$tested"

report: setup ## pages and contract side by side, for a browser: report.html
	@$(RUN)python -m scripts report

test-report: setup docs ## picture and site, tested in a real browser (needs Debian's chromium, chromium-driver)
	@for program in chromium chromedriver; do command -v $$program > /dev/null || { \
		echo "$$program is missing: apt-get install chromium chromium-driver"; exit 1; }; done
	$(RUN)pytest -p no:cacheprovider tests/browser

FUZZ_SECONDS ?= 600
FUZZ_SEED ?= 0
fuzz: .venv-fuzz/.stamp ## look for inputs that crash the readers; FUZZ_SECONDS for each of five targets
	@for target in page damaged_page damaged_overlay execution headers; do \
		echo "fuzzing $$target for $(FUZZ_SECONDS) s"; \
		PYTHONPATH=.:overrides:generated .venv-fuzz/bin/python -m tests.fuzz $$target $(FUZZ_SECONDS) $(FUZZ_SEED) \
			> .fuzz-$$target.log 2>&1 || { tail -40 .fuzz-$$target.log; exit 1; }; \
	done

bench: setup .venv-peers/.stamp .venv-runtime/.stamp ## measure against other clients: bench/RESULTS.md (QUICK=1, REFERENCE=FILE, TESTS=1)
	@$(RUN)python -m compileall -q overrides generated scripts bench  # as installed packages are
	@PYTHONPATH=.:overrides:generated $(RUN)python -m bench $(if $(QUICK),--quick) \
		$(if $(REFERENCE),--reference "$(REFERENCE)") $(if $(TESTS),--tests)

docs: .venv-docs/.stamp ## the documentation site, with the reference from docstrings: site/index.html
	@rm -rf site
	@.venv-docs/bin/sphinx-build --quiet --fail-on-warning --keep-going --jobs auto -d .sphinx docs site
	@echo "site/index.html"

hooks: setup ## run the checks of .pre-commit-config.yaml at each commit
	$(RUN)pre-commit install

SNAPSHOTS := PYTEST_DISABLE_PLUGIN_AUTOLOAD=1 $(RUN)pytest -q --noconftest -p inline_snapshot tests/release/test_snapshots.py
snapshots: setup ## accept today's output as the snapshots: then read `git diff`
	@rm -rf tests/snapshots
	@$(SNAPSHOTS) --inline-snapshot=create,fix > /dev/null || true
	@$(SNAPSHOTS)
	@git status --short tests/snapshots

# One line for a check that passes; all that its tool prints for one that fails.
define check
	@output=$$($(2) 2>&1) || { printf '%s\n' "$$output" "failed: $(1)"; exit 1; }; echo "ok: $(1)"
endef

CHECKS := mypy pyright format lint imports produced workflows workflow-security locks
.PHONY: $(CHECKS:%=check-%)
check: setup ## format, lint, types, imports, workflows, produced files and locks up to date
	@$(MAKE) --no-print-directory --jobs 2 --keep-going $(CHECKS:%=check-%)

check-format:
	$(call check,format,$(RUN)ruff format --check .)
check-lint:
	$(call check,lint,$(RUN)ruff check .)
check-mypy:
	$(call check,types (mypy),$(RUN)mypy)
check-pyright:
	$(call check,types (pyright),$(RUN)pyright)
check-imports:
	$(call check,direction of imports,PYTHONPATH=.:overrides:generated $(RUN)lint-imports --no-cache --no-logo)
check-produced:
	$(call check,produced files,$(RUN)python -m scripts generate --check)
check-workflows:
	$(call check,workflows,$(RUN)actionlint -shellcheck= -pyflakes=)
check-workflow-security:
	$(call check,security of workflows,$(RUN)zizmor --quiet --offline --no-progress .github)
check-locks:
	$(call check,locks,$(MAKE) --no-print-directory compare-locks)

compare-locks: .tools/.stamp
	@new=$$(mktemp -d) && trap 'rm -rf "$$new"' EXIT && cp requirements/*.txt "$$new" && \
	$(MAKE) --no-print-directory --silent lock LOCKS="$$new" && \
	for lock in requirements/*.txt; do \
		diff -u "$$lock" "$$new/$${lock##*/}" || { echo "$$lock is out of date: make lock"; exit 1; }; \
	done

audit: setup .venv-audit/.stamp ## known vulnerabilities in what the locks name (asks the public service)
	@$(RUN)python -m scripts audit .venv-audit/bin/pip-audit

build: setup ## wheel, sdist and bill of materials into dist/, the same bytes on every machine
	@$(RUN)python -m scripts build

release: setup ## set the version by what changed, write the changelog, commit, tag (OPTIONS=--dry-run)
	@$(RUN)python -m scripts release $(OPTIONS)

# A copy inside a service: make vendor DEST=../service/service/_vendor [WHEEL=FILE | VERSION=1.2.3] [PYDANTIC=1] [HTTP=httpx2] [CHECK=1] [FORCE=1]
vendor: setup ## the built wheel, or WHEEL=FILE or VERSION=1.2.3, as a copy in DEST
	@test -n "$(DEST)" || { echo "say where: make vendor DEST=path/to/service/_vendor"; exit 2; }
	@if [ -n "$(VERSION)" ]; then rm -rf .vendor; $(RUN)python -m pip download --quiet --no-deps \
		--disable-pip-version-check --only-binary :all: --dest .vendor "blaxel-jobs==$(VERSION)"; \
	elif [ -z "$(WHEEL)" ]; then $(RUN)python -m scripts build --quiet; fi
	@$(RUN)python -m scripts vendor "$(or $(WHEEL),$$(echo $(if $(VERSION),.vendor,dist)/*.whl))" \
		"$(DEST)" $(if $(PYDANTIC),--pydantic) $(if $(HTTP),--http "$(HTTP)") $(if $(CHECK),--check) $(if $(FORCE),--force)

INDEX =
publish: setup ## the build in dist/ to the index that UV_PUBLISH_URL names (INDEX=pypi: the public one)
	@$(RUN)python -m scripts publish --index "$(INDEX)"

# One lock for each environment; dev.txt also locks what the package itself needs, and runtime.txt names the same
# versions: what is shipped is what was tested.
LOCKS := requirements
lock: .tools/.stamp ## lock the development tools anew after a change of *.in or pyproject.toml
	@for source in requirements/*.in; do \
		name=$${source##*/} name=$${name%.in} project=; \
		case "$$name" in \
		dev) project="--all-extras pyproject.toml";; \
		runtime) project="--constraints requirements/dev.txt";; \
		esac; \
		$(LOCK) $$source $$project -o "$(LOCKS)/$$name.txt" || exit 1; \
	done

clean: ## remove everything that can be made again, and nothing else
	rm -rf .tools .venv .venv-* .vendor .staging .generated .sphinx dist site .fuzz .fuzz-*.log report.html .mypy_cache .pytest_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

setup: .venv/.stamp

.tools/.stamp: requirements/bootstrap.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "$(PYTHON) is too old: Python 3.11 or newer is needed (make PYTHON=python3.12)"; exit 1; }
	@echo "setting up: uv"
	@rm -rf .tools
	@$(PYTHON) -m pip install --quiet --disable-pip-version-check --root-user-action ignore \
		--target .tools --require-hashes -r requirements/bootstrap.txt
	@touch $@

.venv/.stamp: requirements/dev.txt .tools/.stamp
	@echo "setting up: development tools"
	@$(UV) venv --quiet --clear --python "$$(command -v $(PYTHON))" .venv
	@$(UV) pip sync --quiet --compile-bytecode --python .venv/bin/python --require-hashes requirements/dev.txt
	@$(RUN)python -m compileall -q scripts
	@touch $@

# Environments of single targets, each from its own lock: requirements/NAME.txt becomes .venv-NAME.
.venv-%/.stamp: requirements/%.txt .tools/.stamp
	@echo "setting up: tools for $*"
	@$(UV) venv --quiet --clear --python "$$(command -v $(PYTHON))" .venv-$*
	@$(UV) pip sync --quiet --compile-bytecode --python .venv-$*/bin/python --require-hashes requirements/$*.txt
	@touch $@

.venv-lowest/.stamp: requirements/lowest.txt .venv-wheel/.stamp
	@echo "setting up: the lowest versions allowed"
	@$(UV) venv --quiet --clear --python .venv/bin/python .venv-lowest
	@$(UV) pip sync --quiet --python .venv-lowest/bin/python --require-hashes requirements/lowest.txt
	@$(UV) pip install --quiet --no-deps --no-index --python .venv-lowest/bin/python .venv-wheel/dist/*.whl
	@touch $@

# httpx2's alias has to come before anything imports httpx: here as the interpreter starts.
.venv-httpx2-alias/.stamp: requirements/httpx2.txt .venv-wheel/.stamp
	@echo "setting up: httpx2 under the name of httpx"
	@$(UV) venv --quiet --clear --python .venv/bin/python .venv-httpx2-alias
	@$(UV) pip sync --quiet --python .venv-httpx2-alias/bin/python --require-hashes requirements/httpx2.txt
	@$(UV) pip install --quiet --no-deps --no-index --python .venv-httpx2-alias/bin/python .venv-wheel/dist/*.whl
	@echo 'import httpx2; httpx2.alias_httpx()' > "$$(.venv-httpx2-alias/bin/python -c 'import site; print(*site.getsitepackages())')/alias.pth"
	@touch $@

.venv-contract/.stamp: requirements/contract.txt tests/contract/package-lock.json .venv-wheel/.stamp
	@echo "setting up: Prism and schemathesis"
	@$(UV) venv --quiet --clear --python .venv/bin/python .venv-contract
	@$(UV) pip sync --quiet --python .venv-contract/bin/python --require-hashes requirements/contract.txt
	@$(UV) pip install --quiet --no-deps --no-index --python .venv-contract/bin/python .venv-wheel/dist/*.whl
	@cp tests/contract/package.json tests/contract/package-lock.json .venv-contract
	@PATH="$(CURDIR)/.venv-contract/bin:$$PATH" npm ci --prefix .venv-contract --ignore-scripts \
		--no-audit --no-fund --loglevel error > /dev/null
	@touch $@

.venv-wheel/.stamp: .venv/.stamp $(shell find overrides generated -name '*.py') pyproject.toml
	@echo "setting up: an environment with the built wheel"
	@rm -rf .venv-wheel
	@$(UV) venv --quiet --python .venv/bin/python .venv-wheel
	@$(UV) pip sync --quiet --python .venv-wheel/bin/python --require-hashes requirements/dev.txt
	@SOURCE_DATE_EPOCH=315532800 $(RUN)python -m build --no-isolation --wheel --outdir .venv-wheel/dist > /dev/null
	@$(UV) pip install --quiet --no-deps --no-index --python .venv-wheel/bin/python .venv-wheel/dist/*.whl
	@touch $@
