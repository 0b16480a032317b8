"""`centrala staff` and `centrala sim`: no server, the program alone."""
import json
import pathlib
import subprocess
import tempfile

from harness import PROGRAM, near

SCENARIO = {
    "seed": 7, "hours": 200, "warmup_hours": 20,
    "queues": [{"id": "q", "arrivals_per_hour": 200, "handle_s": {"dist": "exp", "mean": 300},
                "patience_s": {"dist": "exp", "mean": 180}, "threshold_s": 20}],
    "agents": [{"count": 18, "queues": ["q"]}]}


def run(*words, expect=0):
    done = subprocess.run([PROGRAM, *map(str, words)], capture_output=True, text=True, timeout=60)
    assert done.returncode == expect, (words, done.returncode, done.stderr)
    if expect:
        assert done.stderr and not done.stdout, done
    return done


def staff(*words):
    out = json.loads(run("staff", *words).stdout)
    assert list(out) == ["agents", "p_wait", "sl", "asa_s", "occupancy", "p_abandon"], out
    return out


def sim(scenario, expect=0):
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "scenario.json"
        path.write_text(scenario if isinstance(scenario, str) else json.dumps(scenario))
        done = run("sim", path, expect=expect)
    return done.stderr if expect else done.stdout


def test_staff_figures():
    out = staff("--calls", 360, "--per", 1800, "--aht", 240, "--agents", 55, "--threshold", 15)
    near(out["p_wait"], 0.238701, 1e-6)
    near(out["sl"], 0.845883, 1e-6)
    near(out["asa_s"], 8.184, 1e-3)
    near(out["occupancy"], 0.8727, 1e-4)
    assert out["agents"] == 55 and out["p_abandon"] == 0, out
    out = staff("--calls", 2880, "--per", 3600, "--aht", 60, "--agents", 50, "--threshold", 20,
                "--patience", 120)  # tests/data/erlang/erlang_a.csv
    near(out["p_wait"], 0.46777406855379, 1e-9)
    near(out["p_abandon"], 0.0309122491621932, 1e-9)
    near(out["asa_s"], 3.61590023955311, 1e-9)
    near(out["sl"], 0.943018954746981, 1e-9)
    near(out["occupancy"], 0.930324240804295, 1e-9)


def test_staff_least_agents():
    for calls, aht, agents in ((100, 180, 14), (200, 300, 39), (360, 240, 54)):
        out = staff("--calls", calls, "--per", 1800, "--aht", aht, "--target", 0.8,
                    "--threshold", 20)
        assert out["agents"] == agents and out["sl"] >= 0.8, out


def test_staff_promises_nothing_in_an_overload():
    words = ["--calls", 100, "--per", 3600, "--aht", 180, "--agents", 5, "--threshold", 20]
    out = staff(*words)
    assert out["agents"] == 5 and all(out[k] is None for k in out if k != "agents"), out
    assert staff(*words, "--patience", 60)["p_abandon"] > 0.1


def test_staff_wrong_usage():
    good = {"--calls": 100, "--per": 1800, "--aht": 180, "--threshold": 20, "--agents": 9}
    for change in ({"--calls": None}, {"--per": None}, {"--aht": None}, {"--threshold": None},
                   {"--agents": None}, {"--target": 0.8}, {"--calls": "many"}, {"--calls": "1e3"},
                   {"--per": 0}, {"--aht": -1}, {"--agents": 0}, {"--agents": 2.5}, {"--patience": 0},
                   {"--agents": None, "--target": 1}, {"--shrinkage": 0.3}):
        words = [w for item in {**good, **change}.items() if item[1] is not None for w in item]
        run("staff", *words, expect=2)
    run("staff", expect=2)
    run("staff", "--calls", 1, "--calls", 2, expect=2)
    run("sim", expect=2)


def test_sim_same_seed_same_output():
    first, second = json.loads(sim(SCENARIO)), json.loads(sim(SCENARIO))
    assert first.pop("seconds") > 0 and second.pop("seconds") > 0
    assert first == second
    other = json.loads(sim({**SCENARIO, "seed": 8}))
    assert other["queues"] != first["queues"]


def test_sim_figures():
    out = json.loads(sim(SCENARIO))
    q, theory = out["queues"]["q"], staff("--calls", 200, "--per", 3600, "--aht", 300, "--agents", 18,
                                          "--threshold", 20, "--patience", 180)
    assert q["offered"] == q["answered"] + q["abandoned"], q
    near(q["offered"], 180 * 200, 800)
    near(q["p_wait"], theory["p_wait"], 0.03)
    near(q["sl_1"], theory["sl"], 0.03)
    near(q["asa_ms"] / 1000, theory["asa_s"], 1.2)
    near(q["abandon_rate_plain"], theory["p_abandon"], 0.01)
    near(out["agents"]["occupancy"], theory["occupancy"], 0.01)
    assert out["events"] > 10 * q["offered"]


def test_sim_refuses_what_it_does_not_know():
    assert "hours: is missing" in sim({}, expect=1)
    assert "line 1" in sim("{", expect=1)
    wrong = json.loads(json.dumps(SCENARIO))
    wrong["queues"][0]["patience"] = 180
    assert 'queues[0]: "patience" is not known' in sim(wrong, expect=1)
    wrong = json.loads(json.dumps(SCENARIO))
    wrong["agents"][0]["queues"] = ["q", "sales"]
    assert 'agents[0].queues[1]: no queue is called "sales"' in sim(wrong, expect=1)
    assert "No such file" in run("sim", "/nowhere/scenario.json", expect=1).stderr
