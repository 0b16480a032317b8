#!/bin/bash
# bench.sh - the same work on any SIP queue server, given as host:port.
#
#   bench.sh sig   NAME HOST:PORT "PIDS" EXT RATE SECS HMIN HMAX   signalling + queue delivery
#   bench.sh media NAME HOST:PORT "PIDS" EXT N [MEASURE_S]         N bridged G.711 calls, 50 pps each way
#   bench.sh mem   NAME HOST:PORT "PIDS" EXT N                     RSS per bridged call (no RTP from the ends)
#   bench.sh wait  NAME HOST:PORT "PIDS" EXT AGENTS WAITING        queue scale: idle-waiting CPU, agent free -> ring
#   bench.sh idle  NAME HOST:PORT "PIDS" - SECS                    idle CPU
#
# The server must answer calls to EXT and deliver each to a free agent of a pool of
# static contacts sip:aNNNN@127.0.0.1:7000 (direct extensions: sip:direct@127.0.0.1:7000),
# pass the caller's user part (cNNN) on in From, and anchor the media.
# PIDS = all processes of the server ("a b c"); they are only read (/proc/PID/stat), never signalled.
# Results: one line per run on stdout and appended to $RES/results.txt.
# Every run is bounded: sipp -m / -timeout and `timeout`; only PIDs started here are killed.
set -u
HERE=$(cd "$(dirname "$0")" && pwd)
BIN=${BIN:-$HERE/bin}
RES=${RES:-$PWD/results}; mkdir -p "$RES"
W=$(mktemp -d -t bench.XXXXXX)
SIPP=${SIPP:-sipp}
UACP=${UACP:-17070}; UASP=${UASP:-7000}
ulimit -n 20000
T=$1 NAME=$2 ADDR=$3 PIDS=$4 EXT=$5; shift 5
KIDS=()
stopk() { local c; [ -n "$1" ] || return; for c in $(pgrep -P "$1"); do kill -9 "$c" 2>/dev/null; done; kill -9 "$1" 2>/dev/null; }
cleanup() { exec 2>/dev/null; head -c 400 $W/uac.err > $RES/last_uac.err; head -c 400 $W/uas.err > $RES/last_uas.err; local k; for k in "${KIDS[@]:-}"; do stopk "$k"; done; [ -n "${KEEP:-}" ] && echo "kept $W" || rm -rf "$W"; }
trap cleanup EXIT
HZ=$(getconf CLK_TCK)
cpu() { local s=0 p a; for p in $PIDS; do a=$(cat /proc/$p/stat 2>/dev/null) || continue; a=${a##*) }; set -- $a; s=$((s + ${12} + ${13})); done; echo $((s * 1000 / HZ)); } # ms
rss() { local s=0 p r; for p in $PIDS; do r=$(awk '/^Rss:/{print $2}' /proc/$p/smaps_rollup 2>/dev/null); s=$((s + ${r:-0})); done; echo $s; }          # KiB
pss() { local s=0 p r; for p in $PIDS; do r=$(awk '/^Pss:/{print $2}' /proc/$p/smaps_rollup 2>/dev/null); s=$((s + ${r:-0})); done; echo $s; }          # KiB
ms() { echo $(($(date +%s%N) / 1000000)); }
pct() { sort -n | awk '{a[NR]=$1} END{if(!NR){print "n=0";exit} printf "n=%d p50=%.1f p90=%.1f p99=%.1f max=%.1f\n",NR,a[int((NR-1)*.5)+1],a[int((NR-1)*.9)+1],a[int((NR-1)*.99)+1],a[NR]}'; }
out() { echo "$*" | tee -a "$RES/results.txt"; }
scen() { # scen HOLD-attributes MAXWAIT_ms
  sed "s/@HOLD@/$1/" "$HERE/scen/uas.xml" > $W/uas.xml
  sed "s/@MAXWAIT@/$2/" "$HERE/scen/uac.xml" > $W/uac.xml
}
uas() { # uas LIMIT_s
  timeout -s KILL $1 $SIPP -sf $W/uas.xml -inf $HERE/scen/ports_a.csv -i 127.0.0.1 -p $UASP -mi 127.0.0.1 -nostdin -buff_size 4194304 \
    -trace_logs -log_file $W/uas.log -trace_stat -stf $W/uas.csv -fd 1s -trace_err -error_file $W/uas.err -aa -mp $((UASP+400)) -cp $((UASP+500)) >/dev/null 2>&1 &
  KIDS+=($!); UASPID=$!; sleep 0.7
}
uac() { # uac RATE COUNT LIMIT_s
  timeout -s KILL $(($3 + 5)) $SIPP $ADDR -s $EXT -sf $W/uac.xml -inf $HERE/scen/ports_c.csv -i 127.0.0.1 -p $UACP -mi 127.0.0.1 -nostdin -buff_size 4194304 \
    -r $1 -m $2 -l 9000 -timeout ${3}s -trace_logs -log_file $W/uac.log -trace_stat -stf $W/uac.csv -fd 1s -trace_err -error_file $W/uac.err -aa -mp $((UACP+400)) -cp $((UACP+500)) >/dev/null 2>&1 &
  KIDS+=($!); UACPID=$!
}
stat() { awk -F';' -v c="$2" 'NR==1{for(i=1;i<=NF;i++)h[$i]=i} END{print $(h[c])}' "$1"; }
kidcpu() { local p=$1 c; c=$(pgrep -P $p | head -1); a=$(cat /proc/${c:-$p}/stat 2>/dev/null) || { echo 0; return; }; a=${a##*) }; set -- $a; echo $(((${12} + ${13}) * 1000 / HZ)); }
delays() { # caller INVITE sent -> 200 (pdd of queue entry); -> agent INVITE; -> agent ACK
  awk '$1=="R"{print ($8+$9/1e6-$6-$7/1e6)*1000}' $W/uac.log | pct | sed 's/^/entry_200_ms /'
  awk 'FNR==NR{if($1=="R")t[$5]=$6+$7/1e6;next} $1=="I"&&($2 in t){print ($4+$5/1e6-t[$2])*1000}' $W/uac.log $W/uas.log | pct | sed 's/^/invite_to_agent_ring_ms /'
  awk 'FNR==NR{if($1=="R")t[$5]=$6+$7/1e6;next} $1=="K"&&($2 in t){print ($4+$5/1e6-t[$2])*1000}' $W/uac.log $W/uas.log | pct | sed 's/^/invite_to_agent_answer_ms /'
}
case $T in
idle) S=$1; c0=$(cpu); sleep $S; c1=$(cpu); out "idle $NAME secs=$S cpu_core%=$(awk "BEGIN{print ($c1-$c0)/$S/10}") rss_kib=$(rss) pss_kib=$(pss)" ;;
sig)
  R=$1 S=$2 HMIN=$3 HMAX=$4; N=$((R * S))
  scen "distribution=\"uniform\" min=\"$HMIN\" max=\"$HMAX\"" 60000
  LIM=$((S + HMAX / 1000 + 20)); uas $((LIM + 10))
  c0=$(cpu); t0=$(ms); uac $R $N $LIM; sleep $S; c1=$(cpu); t1=$(ms); u=$(kidcpu $UACPID); a=$(kidcpu $UASPID)
  wait $UACPID; c2=$(cpu); t2=$(ms); sleep 1.3
  ok=$(stat $W/uac.csv 'SuccessfulCall(C)'); bad=$(stat $W/uac.csv 'FailedCall(C)'); rt=$(stat $W/uac.csv 'Retransmissions(C)')
  uok=$(stat $W/uas.csv 'SuccessfulCall(C)'); ubad=$(stat $W/uas.csv 'FailedCall(C)'); urt=$(stat $W/uas.csv 'Retransmissions(C)')
  out "sig $NAME ext=$EXT rate=$R calls=$N ok=$ok failed=$((N - ok)) retrans_uac=$rt agent_ok=$uok agent_failed=$ubad retrans_uas=$urt cpu_ms_per_call=$(awk "BEGIN{printf \"%.2f\", ($c2-$c0)/$N}") core%_while_loading=$(awk "BEGIN{printf \"%.0f\", ($c1-$c0)*100/($t1-$t0)}") sipp_core%=$(awk "BEGIN{printf \"%.0f+%.0f\", $u*100/($t1-$t0),$a*100/($t1-$t0)}") wall_s=$(awk "BEGIN{print ($t2-$t0)/1000}")"
  delays | while read l; do out "   $l"; done
  [ -s $W/uac.err ] && head -c 600 $W/uac.err | head -5 > $RES/last_uac_err.txt ;;
media)
  N=$1 M=${2:-10}; RATE=${RATE:-40}
  H=$(( (N / RATE + 6 + 4 + M + 6) * 1000 )); scen "milliseconds=\"$H\"" $((H + 60000)); LIM=$((H / 1000 + N / RATE + 15)); uas $((LIM + 10))
  mkdir -p /dev/shm/bench-rec
  timeout -s KILL $((LIM + 5)) $BIN/rtpgen -f $W/uac.log -n $N -d $M -w 4 -W $((N / RATE + 8)) -p "${PIDS// /,}" > $W/rtp.out 2>&1 & KIDS+=($!); G=$!
  sleep 0.2; uac $RATE $N $LIM; wait $G
  out "media $NAME ext=$EXT $(tail -1 $W/rtp.out) steal_load=$(cut -d' ' -f1 /proc/loadavg)"
  wait $UACPID 2>/dev/null
  ls -l /dev/shm/bench-rec 2>/dev/null | awk 'NR>1{n++;s+=$5} END{if(n)print "   recordings="n" bytes="s}' | while read l; do out "   $l"; done
  rm -rf /dev/shm/bench-rec ;;
mem)
  N=$1; RATE=${RATE:-40}; H=$(( (N / RATE + 12) * 1000 )); scen "milliseconds=\"$H\"" $((H + 60000)); LIM=$((H / 1000 + N / RATE + 15)); uas $((LIM + 10))
  r0=$(rss); p0=$(pss); uac $RATE $N $LIM; sleep $((N / RATE + 5)); a=$(grep -c ^K $W/uas.log); r1=$(rss); p1=$(pss); c0=$(cpu); sleep 4; c1=$(cpu)
  out "mem $NAME ext=$EXT calls=$N bridged=$a rss0_kib=$r0 rss1_kib=$r1 kib_per_call=$(awk "BEGIN{printf \"%.1f\", ($r1-$r0)/$a}") pss_kib_per_call=$(awk "BEGIN{printf \"%.1f\", ($p1-$p0)/$a}") idle_bridged_cpu%_per_100=$(awk "BEGIN{printf \"%.2f\", ($c1-$c0)/40/$a*100}")"
  wait $UACPID ;;
wait)
  A=$1 Q=$2; RATE=${RATE:-40}; TOT=$((A + Q)); FILL=$((TOT / RATE)); H0=$(( (FILL + 22) * 1000 ))
  # the first A calls are held until all Q callers wait and 12 s of idle waiting were measured; later ones too short to matter
  scen "distribution=\"uniform\" min=\"$H0\" max=\"$((H0 + 10000))\"" 240000; LIM=$((H0 / 1000 + FILL + 60)); uas $((LIM + 10))
  cb0=$(cpu); sleep 3; cb1=$(cpu)
  uac $RATE $TOT $LIM; sleep $((A / RATE + 1)); x0=$(cpu); sleep $((Q / RATE + 4)); a=$(grep -c ^K $W/uas.log); e=$(grep -c ^R $W/uac.log); c0=$(cpu); sleep 8; c1=$(cpu); r=$(rss)
  # wait until agents were freed and rang again
  sleep $((H0 / 1000 - FILL + 14 )); c3=$(cpu)
  out "wait $NAME agents=$A waiting=$Q in_queue_and_answered=$e agents_busy=$a idle_core%=$(awk "BEGIN{printf \"%.1f\", ($cb1-$cb0)/30}") waiting_core%=$(awk "BEGIN{printf \"%.1f\", ($c1-$c0)/80}") rss_kib=$r"
  awk '$1=="B"{b[$3]=$4+$5/1e6} $1=="I"&&($3 in b){print ($4+$5/1e6-b[$3])*1000; delete b[$3]}' $W/uas.log | pct | sed 's/^/   agent_free_to_ring_ms /' | while read l; do out "   $l"; done
  ;;
esac
exit 0
