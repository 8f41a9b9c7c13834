#!/bin/bash
# The student on a lent GPU: bash training/lent.sh 1, then 2, then 3 (see README.md). Reads .lent/, needs $OUT, the folder that is fetched.
set -eo pipefail
cd "$(dirname "$0")/.."
export PYTHONUNBUFFERED=1
lent=${LENT:-.lent}
settings=(--data "$lent/train.ids" --dev "$lent/dev.ids" --out "$OUT" --checkpoint /tmp/run.pt --minutes 18.5
          --muon --lr 1e-3 --warmup 600 --dropout 0.2 --word-mask 0.03 --step-tokens 98304
          --dev-every 2 --save-every 2 ${EXTRA:-})
if [ "$1" != 1 ] && [ ! -f /tmp/run.pt ]; then
    echo "no checkpoint: this is another machine; start from the fetched weights (README.md, a call is lost)"
    exit 3
fi
case "$1" in
1)  nvidia-smi -L || echo "no GPU: a rehearsal"
    python3 -m training.train "${settings[@]}" --bench 30 --stop-after 9.2 ;;
2)  python3 -m training.train "${settings[@]}" --stop-after 9.2 ;;
3)  python3 -m training.train "${settings[@]}" --stop-after 7.5
    for pair in "en ru" "ru en"; do
        set -- $pair
        python3 -m training.generate --weights "$OUT/weights" --spm "$lent/spm.model" --to "$2" --input "$lent/dev.$1" \
            --output "$OUT/dev.hyp.$2" --tokens 65536
    done ;;
*)  sed -n 2p "$0"; exit 2 ;;
esac
