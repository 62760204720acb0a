# Two commands matter: `make serve` and `make test`. The others are for who works on L2C.
# Variables: HOST, PORT and DATA_DIR for serve; PYTHON is any Python 3.11 or newer.

PYTHON ?= python3
HOST ?= 127.0.0.1
PORT ?= 8000
DATA_DIR ?=

READY_APP = $(PYTHON) packaging/environment.py app
READY_DEV = $(PYTHON) packaging/environment.py dev

.PHONY: serve test test-all check lib starter bench bench-page proof-kill proof-gate proof-learning proof-isolation proof-forgetting fuzz screenshots lock clean

serve:
	@$(READY_APP) && exec .venv/bin/l2c serve --host $(HOST) --port $(PORT) $(if $(DATA_DIR),--data-dir "$(DATA_DIR)")

test:
	@$(READY_DEV) && PATH="$(CURDIR)/.venv/bin:$$PATH" bash tests/run

test-all:
	@$(READY_DEV) && PATH="$(CURDIR)/.venv/bin:$$PATH" SLOW=1 bash tests/run

check:
	@$(READY_DEV) && PATH="$(CURDIR)/.venv/bin:$$PATH" bash tests/check

lib:
	@$(READY_DEV) && PATH="$(CURDIR)/.venv/bin:$$PATH" bash packaging/library

starter:
	@$(READY_DEV) && .venv/bin/python -m l2c.learning.starter && .venv/bin/python -m l2c.learning.htm_starter && .venv/bin/python -m l2c.learning.llama_starter && .venv/bin/python -m l2c.learning.calibration

bench:
	@$(READY_DEV) && PATH="$(CURDIR)/.venv/bin:$$PATH" bash benchmarks/run

bench-page:
	@$(READY_DEV) && .venv/bin/python -m benchmarks.page

proof-kill:
	@$(READY_DEV) && .venv/bin/python -m tests.proofs.kill --kills 100

proof-gate:
	@$(READY_DEV) && .venv/bin/python -m tests.proofs.gate --each 100

proof-learning:
	@$(READY_DEV) && .venv/bin/python -m tests.proofs.learning --kills 1000

proof-isolation:
	@$(READY_DEV) && .venv/bin/python -m tests.proofs.isolation --turns 500

proof-forgetting:
	@$(READY_DEV) && .venv/bin/python -m tests.proofs.forgetting --histories 20

fuzz:
	@$(READY_DEV) && .venv/bin/python -m tests.proofs.fuzz_checkpoint --files 1000000 --seconds 7200 && .venv/bin/python -m tests.proofs.fuzz_files --files 1000000 --seconds 7200 && PATH="$(CURDIR)/.venv/bin:$$PATH" bash tests/proofs/fuzz_c 4000000

screenshots:
	@$(READY_DEV) && .venv/bin/python -m tests.browser.screenshots docs/images

lock:
	@$(READY_DEV) && bash packaging/lock

clean:
	rm -rf build .venv src/l2c/web ui/node_modules
