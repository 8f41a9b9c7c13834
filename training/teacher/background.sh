#!/bin/bash
# Fine-tune the adapter on the CPU beside other work: one thread, lowest priority, resumable, in cycles of 200 minutes.
#   background.sh start CORPUS   prepares what is missing (6 minutes the first time), then trains; returns at once
#   background.sh status         minutes of this cycle, loss, dev loss [en-ru, ru-en]
#   background.sh stop           keeps the state; do this before timing anything
#   background.sh adopt FOLDER   the adapter of the last finished cycle: FOLDER/adapter.json, .00, .01
#   background.sh score FOLDER [LINES]   BLEU and chrF2 of an adapter (int8, greedy) on 1,000 lines of the dev set, both directions (10 minutes)
#   background.sh begin STEM     forget the state, go on from another adapter: STEM.json, .00, .01
# WORK (default ~/.cache/bitext-workbench/training) holds everything, with a copy of the code as it was at the start; the first cycle goes on from the
# adapter in models/weights/gemma. Runs with the checkout's .venv (extra train), or with PYTHON.
set -eo pipefail
checkout=${CHECKOUT:-$(cd "$(dirname "$0")/../.." && pwd)}
work=${WORK:-$HOME/.cache/bitext-workbench/training}
python=${PYTHON:-$checkout/.venv/bin/python}
export OMP_NUM_THREADS=1 PYTHONUNBUFFERED=1
export GLIBC_TUNABLES=glibc.malloc.mmap_threshold=17179869184:glibc.malloc.trim_threshold=17179869184:glibc.malloc.top_pad=268435456
common=(--base "$work/data/teacher")
fuse=$(command -v g++ > /dev/null && echo --fuse || true)
mix=wmt_newstest=4,statements=3,wmt_general23_24=4,tico19=4,xquad=3,ud_pud=4,un_sdg=4,tatoeba=0.2,tatoeba_pivot=0.1,literature=0.15,devprose=0.3
mix=$mix,games=0.1,debian_www=0.15,debian_l10n=0.03,mlqe_pe=0.3,phpdoc=0.02,isocodes=0,headlines_mt=0,ms_docs=0.01

running() { [ -f "$work/pid" ] && pgrep -g "$(cat "$work/pid")" -f 'background.sh|training\.' > /dev/null; }

prepare() {  # a copy of the code, so that what is edited meanwhile does not change a run that is resumed
    mkdir -p "$work/code" "$work/data" "$work/adapter"
    rm -rf "$work/code/training" "$work/code/models"
    cp -r "$checkout/training" "$checkout/models" "$work/code/"
    cd "$work/code"
    [ -f "$work/data/prepare.json" ] || "$python" -m training.prepare --corpus "$1" training/statements --out "$work/data"
    [ -f "$work/data/teacher.json" ] || "$python" -m training.teacher.vocabulary --out "$work/data"
    for part in dev train; do
        [ -f "$work/data/teacher.$part.ids" ] || "$python" -m training.teacher.repack --ids "$work/data/$part.ids" --spm "$work/data/spm.model" \
            --out "$work/data/teacher.$part.ids"
    done
    [ -f "$work/adapter/adapter.json" ] || cp -f "$checkout"/models/weights/gemma/{adapter,activations}.{json,[0-9][0-9]} "$work/adapter/"
}

case "$1" in
start)
    if running; then echo "already running"; exit; fi
    if [ ! -d "$2" ] && { [ -n "$2" ] || [ ! -f "$work/data/prepare.json" ]; }; then echo "no corpus folder at '$2'; background.sh start CORPUS"; exit 2; fi
    corpus=
    if [ -n "$2" ]; then corpus=$(cd "$2" && pwd); fi
    mkdir -p "$work"
    cp -f "$0" "$work/background.sh"  # bash reads a script as it goes
    CHECKOUT=$checkout nice -n 19 setsid bash "$work/background.sh" run "$corpus" >> "$work/log" 2>&1 < /dev/null &
    echo $! > "$work/pid"
    echo "started; log: $work/log" ;;
run)  # an interrupted cycle ends with an error and keeps its checkpoint; a finished one writes its adapter and makes way
    echo 19 > /proc/self/autogroup 2> /dev/null || true  # a session of its own is scheduled as a group, to which nice alone says nothing
    prepare "$2"
    while "$python" -m training.teacher.finetune "${common[@]}" --data "$work/data/teacher.train.ids" --dev "$work/data/teacher.dev.ids" \
        --checkpoint "$work/checkpoint.pt" --init "$work/adapter/adapter" --out "$work/adapter/adapter" --rank 64 --lr 5e-4 --minutes "${MINUTES:-200}" \
        --tokens 1024 --accumulate 4 --threads 1 --seed "$(date +%s)" --mix "${MIX:-$mix}" $fuse ${EXTRA:-}
    do rm -f "$work/checkpoint.pt"; touch "$work/finished"; done ;;
status)
    if running; then echo running; else echo stopped; fi
    grep -E '"step"|"note"|rror|not finite' "$work/log" | tail -6 || true ;;
stop)
    if running; then
        kill -- "-$(cat "$work/pid")"
        while running; do sleep 1; done  # it saves its state first
    fi
    echo stopped ;;
adopt)
    [ -f "$work/finished" ] || { echo "no cycle has ended yet"; exit 2; }
    mkdir -p "$2" && cp -f "$work"/adapter/adapter.{json,[0-9][0-9]} "$2"/ ;;
begin)
    if running; then echo "stop it first"; exit 2; fi
    [ -f "$2.json" ] || { echo "no adapter at $2"; exit 2; }
    mkdir -p "$work/adapter" && cp -f "$2.json" "$2".[0-9][0-9] "$work/adapter/"
    rm -f "$work/checkpoint.pt" "$work/finished" ;;
score)
    folder=$(cd "$2" && pwd)
    cd "$checkout"
    "$python" -m training.teacher.export "${common[@]}" --adapter "$folder/adapter" --out "$work/int8"
    "$python" -m training.teacher.score --model "$work/int8" --english "$work/data/dev.en" --russian "$work/data/dev.ru" --lines "${3:-1000}" ;;
*)  sed -n 2,11p "$0"; exit 2 ;;
esac
