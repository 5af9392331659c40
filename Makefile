# Everything a user or developer runs. `make demo` shows the main job, `make test` proves it, `make check` is what CI runs.
PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin
# apt packages that the wheels need: OpenCV loads libGL and glib; venv is packaged apart on Debian.
SYSTEM_PACKAGES := $(PYTHON)-venv libgl1 libglib2.0-0

# What tests of the console, of live streams and of the grown installation run against; without it they skip by name.
TEST_PACKAGES := chromium chromium-driver postgresql gir1.2-gst-rtsp-server-1.0 gstreamer1.0-plugins-base \
	gstreamer1.0-plugins-good gstreamer1.0-plugins-bad python3-gi softhsm2 nginx-light libnginx-mod-rtmp

.PHONY: demo test check format install clean mutations kills strange console soak faults bench-postgres

demo: $(VENV)/.run
	$(BIN)/python samples/demo.py

test: $(VENV)/.test
	$(BIN)/python -m pytest $(PYTEST_ARGS)

check: $(VENV)/.test
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	sh scripts/build_console.sh $(BIN) check
	$(BIN)/python -m pytest $(PYTEST_ARGS)

# Live cameras at length: what grows, and what faults cost. SOAK_ARGS as in `phatnguoi soak --help`.
soak: $(VENV)/.run
	$(BIN)/phatnguoi soak --cameras 16 --seconds 1800 $(SOAK_ARGS)

faults: $(VENV)/.test
	$(BIN)/python -m tests.pipelines.live.faults
	$(BIN)/python -m tests.pipelines.live.cuts --cuts 200
	$(BIN)/python -m tests.pipelines.live.gone --seconds 60
	$(BIN)/python -m tests.pipelines.live.killing --kills 20

format: $(VENV)/.test
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

install: $(VENV)/.run

# Screenshots into docs/ of one case's whole way, from the camera to the citizen, of a citizen's report, and of the demo's cases (docs/console.md).
pictures: $(VENV)/.test
	PHATNGUOI_PICTURES=docs $(BIN)/python -m pytest -q tests/api/web/test_whole_path.py
	$(BIN)/python -m tests.api.web.pictures docs data

# The officers' console from its TypeScript; api/web/dist is kept in git, so only who changes it needs this.
console: $(VENV)/.run
	sh scripts/build_console.sh $(BIN)

clean:
	rm -rf $(VENV) data

# The product alone: no torch, a minute or two.
$(VENV)/.run: pyproject.toml scripts/ensure_system.sh
	sh scripts/ensure_system.sh "$(PYTHON)" $(SYSTEM_PACKAGES)
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable .
	touch $@

# What tests and training need besides: torch, Ultralytics, linters.
$(VENV)/.test: $(VENV)/.run pyproject.toml scripts/ensure_test_system.sh
	sh scripts/ensure_test_system.sh $(TEST_PACKAGES)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[torch,postgres,dev]'
	test -x $(VENV)/s3/bin/pys3local || { $(PYTHON) -m venv $(VENV)/s3 && $(VENV)/s3/bin/pip install --quiet pys3local; }
	touch $@

# 10,000 random one-byte changes to bundles, anchors, an export and database rows; each must be found and named.
mutations: $(VENV)/.test
	$(BIN)/python -m tests.cases.mutations $(or $(CHANGES),10000)

# The queue, the next case and 200 officers at once on a PostgreSQL started for it, fsync on. BENCH_ARGS="--cases 1000000" for more.
bench-postgres: $(VENV)/.test
	$(BIN)/python -m tests.cases.bench_postgres $(BENCH_ARGS)

# Strange requests to every operation of the API, 100 of each; no answer may be outside the document.
strange: $(VENV)/.test
	PHATNGUOI_STRANGE=$(or $(REQUESTS),100) $(BIN)/python -m pytest --timeout=7200 tests/api/test_schemathesis.py

# Decisions are taken and their process killed, 200 times: no case in two states, no decision without its log entry.
kills: $(VENV)/.test
	PHATNGUOI_KILLS=$(or $(KILLS),200) $(BIN)/python -m pytest --timeout=7200 tests/cases/test_crash.py
