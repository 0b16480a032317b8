#!/usr/bin/env python3
"""exact.py [--contacts N] [--only PART] - `centrala sim` against exact results (tests/data/erlang).

M/M/n, M/M/n+M, priority, ageing and the N-design, about N contacts each (default 1,000,000) in
twenty runs of different seeds, with the matcher of production behind all. The mean may be off by 1 %
(3 % at occupancy above 0.96), or by four of its standard errors, as the twenty show them, where so
many contacts are not enough to see 1 %. What the dice gave a run more or less to do than they should
have on average is known exactly and taken out by regression (a control variate): it is the larger
part of chance.
"""
import argparse
import concurrent.futures
import csv
import json
import math
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
PROGRAM = os.environ.get("CENTRALA", str(ROOT / "build/centrala"))
DATA = ROOT / "tests/data/erlang"
RUNS = 20


def table(name):
    with open(DATA / name, newline="") as f:
        for row in csv.DictReader(f):
            yield {k: (v if k in ("model", "b") else float(v) if v else None) for k, v in row.items()}


def exp(mean):
    return {"dist": "exp", "mean": mean}


def run(scenario):
    with tempfile.NamedTemporaryFile("w", suffix=".json") as f:
        json.dump(scenario, f)
        f.flush()
        out = subprocess.run([PROGRAM, "sim", f.name], capture_output=True, text=True, check=True)
    return json.loads(out.stdout)


def world(seed, contacts, rho, queues, agents):
    """The house begins empty: the warm-up is ten handle times, ten patiences and three times what
    the line needs to forget its beginning (1 / (n mu (1 - sqrt(rho))^2))."""
    per_hour = sum(q["arrivals_per_hour"] for q in queues)
    handle = max(q["handle_s"]["mean"] for q in queues)
    patience = max((q.get("patience_s") or {"mean": 0})["mean"] for q in queues)
    forget = handle / sum(a["count"] for a in agents) / (1 - math.sqrt(rho)) ** 2
    warmup = (10 * (handle + patience) + 3 * forget) / 3600
    return {"seed": seed, "hours": contacts / per_hour + warmup, "warmup_hours": warmup,
            "queues": queues, "agents": agents}


def mean_wait(queue):
    """Of all, those who hung up included, in seconds."""
    waited = 0.0
    for count, average in (("answered", "asa_ms"), ("abandoned", "time_to_abandon_ms")):
        waited += queue[count] * (queue[average] or 0)
    return waited / queue["offered"] / 1000


def work(out, scenario):
    """What there was to do, as a share of what there should have been on average."""
    hours = scenario["hours"] - scenario["warmup_hours"]
    due = sum(q["arrivals_per_hour"] * hours * q["handle_s"]["mean"] for q in scenario["queues"])
    return sum(q["offered"] * q["aht_ms"] / 1000 for q in out["queues"].values()) / due


def mean(values, loads):
    """Corrected for the loads, whose true mean is 1; and its standard error."""
    x, y = statistics.fmean(loads), statistics.fmean(values)
    spread = sum((load - x) ** 2 for load in loads)
    slope = sum((load - x) * (v - y) for load, v in zip(loads, values)) / spread
    rest = sum((v - y - slope * (load - x)) ** 2 for load, v in zip(loads, values))
    error = math.sqrt(rest / (len(values) - 2) * (1 / len(values) + (1 - x) ** 2 / spread))
    return y + slope * (1 - x), error


class Report:
    def __init__(self):
        self.bad = self.count = self.sharp = 0

    def compare(self, name, what, percent, outs, figure, want):
        """outs: the results of all runs; figure: takes ours from one of them."""
        got, error = mean([figure(out) for out, _ in outs], [load for _, load in outs])
        allowed = max(percent / 100 * want, 4 * error)
        good = abs(got - want) <= allowed
        self.count += 1
        self.bad += not good
        self.sharp += 4 * error <= percent / 100 * want
        print(f"{'ok  ' if good else 'BAD '} {name:38} {what:10} got {got:11.6g} want {want:11.6g} "
              f"off {100 * (got - want) / want:+6.2f} %, chance {100 * error / want:.2f} %")


def mmn():
    for row in table("erlang_c.csv"):
        n, rho = int(row["agents"]), row["occupancy"]
        if n > 1100:
            continue
        queue = {"id": "q", "arrivals_per_hour": row["calls_per_h"], "handle_s": exp(row["aht_s"]),
                 "patience_s": None, "threshold_s": row["T_s"]}

        def check(compare, row=row, rho=rho):
            compare("p_wait", lambda o: o["queues"]["q"]["p_wait"], row["p_wait"])
            compare("asa_s", lambda o: mean_wait(o["queues"]["q"]), row["asa_s"])
            compare("sl_1", lambda o: o["queues"]["q"]["sl_1"], row["sl"])
            compare("occupancy", lambda o: o["agents"]["occupancy"], rho)
        yield f"M/M/{n}, occupancy {rho:.3f}", rho, [queue], [{"count": n, "queues": ["q"]}], check


def mmnm():
    columns = {"p_wait": "p_wait", "abandon_rate_plain": "p_abandon",
               "sl_1": "sl_answered_of_offered", "sl_3": "sl_answered_of_answered",
               "sl_4": "sl_abandon_counts_ok", "sl_5": "sl_excl_short_abandons"}
    for row in table("erlang_a.csv"):
        n = int(row["agents"])
        if n > 1100:
            continue
        queue = {"id": "q", "arrivals_per_hour": row["calls_per_h"], "handle_s": exp(row["aht_s"]),
                 "patience_s": exp(row["patience_s"]), "threshold_s": row["T_s"]}

        def check(compare, row=row):
            for key, column in columns.items():
                compare(key, lambda o, key=key: o["queues"]["q"][key], row[column])
            compare("asa_s", lambda o: o["queues"]["q"]["asa_ms"] / 1000, row["asa_served_s"])
            compare("wait_s", lambda o: mean_wait(o["queues"]["q"]), row["e_wait_all_s"])
            compare("occupancy", lambda o: o["agents"]["occupancy"], row["occupancy"])
        yield (f"M/M/{n}+M, {row['calls_per_h']:g}/h, patience {row['patience_s']:g} s", 0, [queue],
               [{"count": n, "queues": ["q"]}], check)


def priority():
    for row in table("priority.csv"):
        n = int(row["agents"])
        rates = [row[f"lam{k}_per_h"] for k in (1, 2, 3) if row[f"lam{k}_per_h"]]
        ageing = [float(b) for b in row["b"].split("/")] if row["b"] else [1.0] * len(rates)
        queues = [{"id": f"q{k + 1}", "arrivals_per_hour": rate, "handle_s": exp(row["aht_s"]),
                   "ageing": ageing[k], "class": len(rates) - k if row["model"] == "strict" else 0}
                  for k, rate in enumerate(rates)]
        rho = sum(rates) * row["aht_s"] / 3600 / n

        def check(compare, row=row, queues=queues):
            for k, q in enumerate(queues, 1):
                compare(f"W{k}", lambda o, q=q: mean_wait(o["queues"][q["id"]]), row[f"W{k}_s"])

            def all_waits(out):
                waited = sum(mean_wait(q) * q["offered"] for q in out["queues"].values())
                return waited / sum(q["offered"] for q in out["queues"].values())
            compare("conserved", all_waits, row["fcfs_W_s"])
        yield (f"{row['model']} {row['b'] or ''}, {n} agents, occupancy {rho:.3f}", rho, queues,
               [{"count": n, "queues": [q["id"] for q in queues]}], check)


def n_design():
    for row in table("n_design_exact.csv"):
        a, b = int(row["nA"]), int(row["nB"])
        queues = [{"id": f"q{k}", "arrivals_per_hour": row[f"lam{k}_per_h"], "class": k,
                   "handle_s": exp(row["aht_s"]), "strategy": "top_down"} for k in (1, 2)]

        def check(compare, row=row):
            for k in (1, 2):
                q = f"q{k}"
                compare(f"p_wait{k}", lambda o, q=q: o["queues"][q]["p_wait"], row[f"p_wait{k}"])
                compare(f"W{k}", lambda o, q=q: mean_wait(o["queues"][q]), row[f"W{k}_s"])
        rho = (row["occA"] * a + row["occB"] * b) / (a + b)
        yield (f"N-design {a}+{b}, {row['lam1_per_h']:g}/{row['lam2_per_h']:g} per h", rho, queues,
               [{"count": a, "queues": ["q1"]}, {"count": b, "queues": ["q1", "q2"]}], check)


GROUPS = {"mmn": mmn, "mmnm": mmnm, "priority": priority, "n_design": n_design}


def conserved(out):
    for q in out["queues"].values():
        assert q["offered"] == q["answered"] + q["abandoned"] and q["handled"] == q["answered"], q


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--contacts", type=int, default=1000000)
    parser.add_argument("--only", default="", help="mmn, mmnm, priority or n_design")
    parser.add_argument("--name", default="", help="only cases whose name holds this")
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    args = parser.parse_args()
    report, seconds, runs = Report(), 0.0, 0
    with concurrent.futures.ThreadPoolExecutor(args.jobs) as pool:
        for group, cases in GROUPS.items():
            if args.only not in ("", group):
                continue
            for name, rho, queues, agents, check in cases():
                if args.name not in name:
                    continue
                worlds = [world(1000 * runs + k, args.contacts / RUNS, rho, queues, agents)
                          for k in range(RUNS)]
                outs = [(out, work(out, w)) for out, w in zip(pool.map(run, worlds), worlds)]
                for out, _ in outs:
                    conserved(out)
                    seconds += out["seconds"]
                percent = 3 if rho > 0.96 else 1
                check(lambda what, figure, want: report.compare(name, what, percent, outs, figure,
                                                                want))
                runs += 1
    print(f"{report.count - report.bad} of {report.count} figures agree, {report.sharp} of them seen "
          f"to their 1 or 3 %; {runs} worlds of about {args.contacts} contacts, "
          f"{seconds / max(runs, 1):.1f} s each")
    return 1 if report.bad or not report.count else 0


if __name__ == "__main__":
    sys.exit(main())
