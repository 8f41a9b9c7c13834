#!/bin/bash
# The teacher on a lent GPU, call by call (see ../README.md). Needs $OUT, the folder that is fetched.
#   bash training/teacher/lent.sh stage FOLDER     put what this call carried in FOLDER into /tmp/teacher (as often as needed)
#   bash training/teacher/lent.sh finetune         adapters for MINUTES (default 7); /tmp/teacher.pt stays, the adapter goes to $OUT
#   bash training/teacher/lent.sh translate enru   MINUTES (default 6) of translation; distilled pairs stay in /tmp/teacher. Then ruen.
set -eo pipefail
cd "$(dirname "$0")/../.."
export PYTHONUNBUFFERED=1
lent=${LENT:-.lent} teacher=/tmp/teacher
common=(--base $teacher/teacher)
repack() {
    mkdir -p $teacher
    for part in train dev; do
        [ -f $teacher/$part.ids ] || python3 -m training.teacher.repack --ids "$lent/$part.ids" --spm "$lent/spm.model" --out $teacher/$part.ids &
    done
    wait
}
case "$1" in
stage)  mkdir -p $teacher && cp -r "$2"/. $teacher/ && ls -l $teacher ;;
finetune)
    repack
    python3 -m training.teacher.finetune "${common[@]}" --data $teacher/train.ids --dev $teacher/dev.ids --checkpoint /tmp/teacher.pt \
        --out "$OUT/adapter" --init "${ADAPTER:-models/weights/gemma/adapter}" --minutes "${MINUTES:-7}" ${EXTRA:-} ;;
translate)
    repack
    weights=(--adapter "${ADAPTER:-models/weights/gemma/adapter}")
    if [ -f /tmp/teacher.pt ]; then weights=(--checkpoint /tmp/teacher.pt); fi
    python3 -m training.teacher.translate "${common[@]}" "${weights[@]}" --ids $teacher/train.ids --from "${2:0:2}" --to "${2:2:2}" --minutes "${MINUTES:-6}" \
        --spm "$lent/spm.model" --pack "$teacher/distilled.$2.ids" ${EXTRA:-}
    ls -l $teacher/distilled.* ;;
*)  sed -n 2,5p "$0"; exit 2 ;;
esac
