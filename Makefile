# What a newcomer needs: `make demo` shows the program, `make test` proves it. Both do all the set-up, from
# nothing but Python 3.11 or newer, make and the package registries; done once, it is not done again.

ENV := .venv
PY := $(ENV)/bin/python
export PIP_DISABLE_PIP_VERSION_CHECK := 1
export UV_LINK_MODE ?= copy
# What was compiled once is kept, for every process of the tests begins anew.
export PYTHONDONTWRITEBYTECODE :=

# One requirements file, exactly as pinned; uv is quick, pip is what there is where uv cannot be had.
install = { [ -x $(ENV)/bin/uv ] && $(ENV)/bin/uv pip install --python $(PY) --require-hashes -r $(1); } \
  || $(PY) -m pip install --require-hashes -r $(1)

.PHONY: help demo test lint format lock clean pages pictures
help:
	@echo 'make demo    建成并启动示范城市 · builds the demo city and serves it  (SCALE=small|city PORT=8000)'
	@echo 'make test    检查与全部测试 · checks and all tests  (ARGS="tests/place -x")'
	@echo 'make lint    只做检查 · the checks alone        make format  整理格式 · formats the code'
	@echo 'make lock    重新锁定依赖 · pins the dependencies anew (ARGS=--upgrade)'
	@echo 'make pictures 重新拍摄说明中的图片 · takes the pictures of the README anew'
	@echo 'make clean   删除安装与缓存,保留 var 中的数据 · removes what was installed, keeps the data in var'

demo: SCALE ?= small
demo: PORT ?= 8000
demo: $(ENV)/run pages
	@$(PY) -m mumian demo --scale $(SCALE) --port $(PORT)

# A process a core and one more, each with a database of its own; a file's tests stay together, for they share a city.
test: ARGS ?= --numprocesses auto --maxprocesses 4 --dist loadfile --no-loadscope-reorder
test: $(ENV)/dev pages
	@$(PY) -m ruff check
	@$(PY) -m ruff format --check --output-format concise || { echo 'make format puts it right'; exit 1; }
	@$(ENV)/bin/lint-imports --no-logo
	@$(PY) -m mypy > $(ENV)/types.txt 2>&1 & types=$$!; \
	  $(PY) -m pytest $(ARGS); suite=$$?; \
	  wait $$types || { cat $(ENV)/types.txt; exit 1; }; exit $$suite

lint: $(ENV)/dev
	@$(PY) -m ruff check
	@$(PY) -m ruff format --check
	@$(ENV)/bin/lint-imports --no-logo
	@$(PY) -m mypy

format: $(ENV)/dev
	@$(PY) -m ruff check --fix
	@$(PY) -m ruff format

lock: $(ENV)/dev
	@PATH="$(CURDIR)/$(ENV)/bin:$$PATH" bash requirements/lock.sh $(ARGS)

# The pictures of the README, taken anew from the demo city; needs Chromium.
pictures: $(ENV)/dev pages
	@$(PY) docs/pictures/take.py $(ARGS)

clean:
	rm -rf $(ENV) node_modules src/mumian/web/static/vendor .mypy_cache .ruff_cache .pytest_cache .hypothesis \
	  .import_linter_cache var/test
	find src tests -name __pycache__ -type d -prune -exec rm -rf {} +

# Theme, scripts and message catalogues; it looks by itself whether anything has changed.
pages: $(ENV)/run
	@{ command -v npm && node -e 'process.exit(parseInt(process.versions.node) < 20 ? 1 : 0)'; } >/dev/null 2>&1 \
	  || [ -e $(ENV)/bin/node ] || { echo 'Node.js …' && $(call install,requirements/node.txt); }
	@$(PY) -m mumian.web.assets

$(ENV)/run: requirements/run.txt pyproject.toml $(ENV)/uv
	@echo '安装依赖,首次需几分钟 · Installing what the program stands on; the first time takes minutes'
	@$(call install,requirements/run.txt)
	@$(PY) -m pip install --quiet --no-deps --no-build-isolation --no-index --editable .
	@touch $@

$(ENV)/dev: requirements/dev.txt $(ENV)/run
	@$(call install,requirements/dev.txt)
	@touch $@

$(ENV)/uv: requirements/uv.txt $(ENV)/made
	@$(PY) -m pip install --quiet --require-hashes -r $< || echo 'uv 不可用,改用 pip · no uv, pip will do'
	@touch $@

$(ENV)/made:
	@for python in $(PYTHON) python3 python3.13 python3.12 python3.11 python3.14; do \
	  if $$python -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
	    echo "$$($$python --version) ($$(command -v $$python))"; \
	    $$python -m venv --clear $(ENV) || exit 1; \
	    touch $@; exit 0; \
	  fi; \
	done; \
	echo '需要带 venv 的 Python 3.11 或更新版本 · Python 3.11 or newer with venv is needed.'; \
	echo '  Debian/Ubuntu: apt-get install python3-venv    macOS: brew install python    make PYTHON=/path/to/python3'; \
	exit 1
