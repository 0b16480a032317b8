#!/bin/bash
# run.sh [PART]...  what docs/performance.md shows, measured here and now; parts (default: all):
#   bare     what the kernel alone can do (peer/udpbench.c)
#   start    start-up time, idle memory, idle CPU; with 20 agents and with 1,000
#   sig      CPU per call through a queue of 200 agents at 10, 40 and 100 calls/s
#   rate     1,000 agents, rising rate, until calls fail
#   menu     CPU per call through greeting, menu, queue, agent (our own invented people)
#   media    percent of a core per 100 bridged calls, relayed and recorded
#   wait     percent of a core per 100 callers waiting with music
#   release  an agent's release to the next phone's ring: 500 agents, 1,000 waiting
#   mem      KiB per bridged and per waiting call
#   restart  the core killed with 500 talking and 500 waiting
# REPEAT=3 runs of each, MEDIA_N, MEM_N, RATES, MENU_CALLS: other sizes. Needs sipp and python3. Results: build/bench/results.txt and the summary.
# Figures are CPU time of all our processes, so that a busy machine falsifies them less; times on the
# clock (start, restart, delays) are only fair on a quiet one: every line tells the load average.
set -u
HERE=$(cd "$(dirname "$0")" && pwd)
OUT=${OUT:-$HERE/../build/bench}
export CENTRALA=${CENTRALA:-$HERE/../build/centrala} BENCH_DIR=${BENCH_DIR:-$OUT/run}
export BENCH_SIP=${BENCH_SIP:-127.0.0.1:15201} BIN=$OUT/bin RES=$OUT
REPEAT=${REPEAT:-3}
mkdir -p "$BIN"
for tool in rtpgen udpbench; do
	[ "$BIN/$tool" -nt "$HERE/peer/$tool.c" ] || gcc -O2 -w -o "$BIN/$tool" "$HERE/peer/$tool.c" || exit 1
done
command -v sipp >/dev/null || { echo "bench: sipp is missing (apt install sip-tester)"; exit 1; }

S=$HERE/server.py
load() { cut -d' ' -f1 /proc/loadavg; }
# one measured line of the peer's scripts: WORD ARGUMENTS, PIDS put in
peer() { "$HERE/peer/run.sh" "$HERE/peer/bench.sh" "$1" centrala "$BENCH_SIP" "$(python3 "$S" pids)" "${@:2}"; }
# fig NAME VALUE: a figure to sum up
fig() { [ -n "$2" ] && echo "fig $1 $2 $(load)" >>"$OUT/figures.txt"; }
of() { sed -n "s/.*[ ]$1=\([-0-9.]*\).*/\1/p" <<<" $2" | head -1; }
say() { echo "$*" | tee -a "$OUT/results.txt"; }
fresh() { python3 "$S" start "$@" | tee -a "$OUT/results.txt" >"$OUT/start.txt" || exit 1; }

bare() {
	local o; o=$(timeout 25 "$BIN/udpbench" -t 2 -p $((30100 + RANDOM % 1600))); say "$o"
	fig bare_send_percent_per_100 "$(awk '/^single/{sub(/.*tx_ns_cpu\/pkt=/,""); print $1*5000/1e7}' <<<"$o")"
	fig bare_relay_percent_per_100 "$(awk '/^relay1.*sockets=1000/{sub(/.*\(rx\+tx\)=/,""); print $1*10000/1e7}' <<<"$o")"
}
start() {
	local n o
	for n in 20 1000; do
		fresh $n; o=$(<"$OUT/start.txt")
		fig start_${n}_ready_s "$(of ready_s "$o")"; fig start_${n}_ready_cpu_s "$(of ready_cpu_s "$o")"
		fig idle_${n}_rss_mib "$(awk "BEGIN{print $(of rss_kib "$o")/1024}")"
		fig idle_${n}_pss_mib "$(awk "BEGIN{print $(of pss_kib "$o")/1024}")"
	done
	o=$(peer idle - 10); fig idle_core_percent "$(of cpu_core% "$o")"
}
sig() {
	local r o
	fresh 200
	for r in 10 40 100; do
		o=$(peer sig q $r 12 500 1900); echo "$o"; fig sig_${r}_ms_per_call "$(of cpu_ms_per_call "$o")"
		fig sig_${r}_failed "$(of failed "$o")"
	done
}
rate() {
	local r o f
	fresh 1000
	for r in ${RATES:-200 400 600 800 1000}; do
		o=$(peer sig q $r 8 300 900); echo "$o"
		f=$(of failed "$o"); fig rate_${r}_failed "$f"; fig rate_${r}_ms_per_call "$(of cpu_ms_per_call "$o")"
		fig rate_${r}_core_percent "$(of core%_while_loading "$o")"
		[ $((f * 1000)) -gt $((r * 8)) ] && break
	done
}
menu() {
	local n=${MENU_CALLS:-600} c0 c1
	fresh 200
	c0=$(python3 "$S" cpu)
	"$CENTRALA" crowd sip "$BENCH_SIP" http - trunk 127.0.0.1:17070 phones 127.0.0.1:7000 tenant bench \
		number menu keys 1 agents 200 rate 144000 factor 0 calls $n at_once 1000 key_ms 3500 patience_ms 0 \
		ring_ms 0 talk_ms 1000 fixed 1 agent_ends 100 deaf 0 hasty 0 break_every_ms 0 report_ms 0 rtp 1 \
		>"$OUT/crowd.txt" 2>&1
	c1=$(python3 "$S" cpu); cat "$OUT/crowd.txt"
	fig menu_ms_per_call "$(awk "BEGIN{print ($c1-$c0)/$n}")"
	say "menu calls=$n cpu_ms=$((c1 - c0)) load=$(load)"
}
media() {
	local n o k
	fresh ${MEDIA_AGENTS:-320} # one talk each
	for k in ${MEDIA_KINDS:-d dr}; do for n in ${MEDIA_N:-100 300}; do
		o=$(peer media $k $n 10); echo "$o"; fig media_${k}_${n}_percent_per_100 "$(of cpu%_per_100 "$o")"
		fig media_${k}_${n}_lost_percent "$(of loss_rt "$o" | tr -d %)"
	done; done
}
wait_() {
	local o
	fresh 20; o=$(peer wait q 20 400); echo "$o"
	fig wait_percent_per_100 "$(awk "BEGIN{print $(of waiting_core% "$o")/4}")"
}
release() {
	local o
	fresh 500; o=$(peer wait q 500 1000); echo "$o"
	fig release_to_ring_p50_ms "$(of p50 "$(grep free_to_ring <<<"$o")")"
}
mem() {
	local o n a b
	for n in ${MEM_N:-500}; do
		fresh $n; o=$(peer mem d $n); echo "$o"; fig mem_bridged_${n}_kib "$(of kib_per_call "$o")"
		fresh 20; o=$(peer mem wait $n); a=$(of rss0_kib "$o"); b=$(of rss1_kib "$o")
		say "mem waiting=$n rss0_kib=$a rss1_kib=$b"; fig mem_waiting_${n}_kib "$(awk "BEGIN{print ($b-$a)/$n}")"
	done
}
# 1,000 callers of queue q, 500 agents who talk until the end
restart() {
	local d o kids
	d=$(mktemp -d)
	fresh 500
	sed 's/@HOLD@/milliseconds="120000"/' "$HERE/peer/scen/uas.xml" >"$d/uas.xml"
	sed 's/@MAXWAIT@/240000/' "$HERE/peer/scen/uac.xml" >"$d/uac.xml"
	ulimit -n 20000
	sipp -sf "$d/uas.xml" -inf "$HERE/peer/scen/ports_a.csv" -i 127.0.0.1 -p 7000 -mi 127.0.0.1 -nostdin -aa \
		-timeout 60s -buff_size 4194304 >/dev/null 2>&1 & kids=$!
	sleep 1
	sipp "$BENCH_SIP" -s q -sf "$d/uac.xml" -inf "$HERE/peer/scen/ports_c.csv" -i 127.0.0.1 -p 17070 \
		-mi 127.0.0.1 -nostdin -aa -r 50 -m 1000 -l 9000 -timeout 60s -buff_size 4194304 >/dev/null 2>&1 & kids="$kids $!"
	sleep 24
	o=$(python3 "$S" crash); say "$o"
	fig restart_ready_s "$(of ready_s "$o")"; fig restart_cpu_s "$(of core_cpu_s "$o")"
	[ "$(of waiting "${o//:/ x=}")" = 500 ] || say "restart: not 500 waiting before"
	kill -9 $kids 2>/dev/null; wait $kids 2>/dev/null
	rm -rf "$d"
}
summary() {
	echo "figure                              min   median   n   load"
	awk '{v[$2]=v[$2]" "$3; l[$2]=$4; if(!($2 in o)){o[$2]=++k; name[k]=$2}}
		END{for(i=1;i<=k;i++){n=split(v[name[i]],a," ");
			for(x=2;x<=n;x++)for(y=x;y>1&&a[y-1]+0>a[y]+0;y--){t=a[y];a[y]=a[y-1];a[y-1]=t}
			printf "%-32s %8s %8s %3d %6s\n",name[i],a[1],a[int((n+1)/2)],n,l[name[i]]}}' "$OUT/figures.txt"
}

: >"$OUT/figures.txt"
trap 'python3 "$S" stop' EXIT
say "== $(date +%F_%T) load $(cat /proc/loadavg) $(uname -r) $(nproc) cores"
for part in ${*:-bare start sig menu media wait mem restart release rate}; do
	[ "$part" = wait ] && part=wait_
	for _ in $(seq "$REPEAT"); do $part; done
done
summary | tee -a "$OUT/results.txt"
