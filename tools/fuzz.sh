#!/bin/sh
# fuzz.sh PROGRAM SECONDS - one libFuzzer target: first its corpus (every file must pass), then SECONDS
# of invention. A crash is left in build/fuzz/crash/NAME-…; put it under a telling name into the corpus.
set -u
program=$1
seconds=$2
name=$(basename "$program")
root=$(cd "$(dirname "$0")/.." && pwd)
work=$root/build/fuzz
mkdir -p "$work/crash" "$work/found/$name"
corpus=
for dir in "$root/tests/fuzz/$name" "$root/tests/fuzz/corpus/$name" "$root/tests/data/fuzz/$name" \
	"$root/tests/data/$name"; do
	[ -d "$dir" ] && corpus="$corpus $dir"
done
dict=
[ -f "$root/tests/fuzz/$name.dict" ] && dict="-dict=$root/tests/fuzz/$name.dict"
log=$work/$name.log
# shellcheck disable=SC2086
"$program" "$work/found/$name" $corpus $dict -max_total_time="$seconds" -max_len=8192 -timeout=10 \
	-rss_limit_mb=1024 -artifact_prefix="$work/crash/$name-" -print_final_stats=1 >"$log" 2>&1
status=$?
if [ $status -eq 0 ]; then
	grep -o 'stat::number_of_executed_units: *[0-9]*' "$log" | sed "s/.*: */$name runs: /"
	echo "1 passed, 0 failed, 0 skipped"
else
	tail -n 60 "$log"
	echo "0 passed, 1 failed, 0 skipped"
fi
exit $status
