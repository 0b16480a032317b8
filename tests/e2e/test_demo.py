"""The living demo (issue 6, section 4; decision 0054): its links, its ninety days, its people, its switches."""
import json
import os
import re
import subprocess
import tempfile
import time
import urllib.error
import urllib.request

from browser import Browser
from harness import PROGRAM, Api, House, wait_until


class Demo:
    """`centrala demo` on ports of its own choosing (its carrier and phones are at 5080 and 5090)."""

    def __init__(self, days=90):
        self.folder = tempfile.TemporaryDirectory()
        self.data, self.days = f"{self.folder.name}/demo", days

    def start(self, *more):
        self.process = subprocess.Popen(
            [PROGRAM, "demo", "--data", self.data, "--days", str(self.days), "--set", "http.listen=127.0.0.1:0",
             "--set", "sip.listen=127.0.0.1:0", "--set", "media.ports=34000-34999", *more],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        os.set_blocking(self.process.stdout.fileno(), False)
        self.out = ""

        def welcomed():
            self.out += (self.process.stdout.read() or b"").decode()
            assert self.process.poll() is None, f"the demo ended: {self.out}"
            return "Reset " in self.out
        wait_until(welcomed, 500, "the demo says welcome", every=0.2)
        self.http = re.search(r"ready http=(\S+)", self.out).group(1)
        self.links = dict(re.findall(r"^  (Open|Agent|Supervisor|Admin) +(http\S+)", self.out, re.M))
        return self

    def stop(self):
        self.process.send_signal(2)  # as Ctrl-C
        assert self.process.wait(15) == 0, "the demo did not end well"
        self.out += (self.process.stdout.read() or b"").decode()

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
        self.folder.cleanup()

    def boss(self):
        return Api(self.http, tenant="demo").login("simon", "demo-simon")

    def enter(self, link, door=""):
        key = self.links[link].split("#")[1].split(".")[0]
        body = json.dumps({"key": key, **({"door": door} if door else {})}).encode()
        try:
            with urllib.request.urlopen(urllib.request.Request(
                    f"http://{self.http}/api/v1/demo/enter", body, {"Content-Type": "application/json"})) as r:
                return r.status, json.loads(r.read())["user"]["id"]
        except urllib.error.HTTPError as e:
            return e.code, ""


def iso(seconds):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))


def offered(api, frm, to):
    q = f"from={iso(frm)}&to={iso(to)}&interval_s=0"
    return {r["queue"]: r for r in api.get(f"reports/queues?{q}")["items"] if r["queue"]}


def test_demo_history_is_true():
    """Ninety days in the reports, the sums open into as many contacts, and what is stored agrees with its facts."""
    with Demo() as d:
        now = time.time()
        boss = d.boss()
        rows = offered(boss, now - 91 * 86400, now + 60)
        assert set(rows) == {"sales", "support", "billing", "vip"}, rows.keys()
        total = sum(r["offered"] for r in rows.values())
        assert 25000 < total < 70000, total
        for r in rows.values():
            assert r["offered"] == sum(r[k] for k in ("answered", "abandoned", "flow_out", "callbacks", "rejected",
                                                      "failed", "waiting")), r
            assert 0.5 < r["sl_1"] < 0.99 and r["abandoned"], r
        week = offered(boss, now - 8 * 86400, now - 86400)["vip"]
        q = f"from={iso(now - 8 * 86400)}&to={iso(now - 86400)}&interval_s=0&queue=vip&list=offered&limit=500"
        assert len(boss.get(f"reports/queues?{q}")["items"]) == week["offered"] > 0
        heard = [c for c in boss.get(f"contacts?limit=500&from={iso(now - 86400 * 9)}")["items"] if c["recordings"]]
        sound = heard[0]["recordings"][0] if heard else None
        if sound:
            meta = boss.get(f"recordings/{sound['id']}.json")
            assert meta["channels"] == 2 and len(meta["sha256"]) == 64, meta
        d.stop()
        assert subprocess.run([PROGRAM, "check", "--data", d.data]).returncode == 0
        began = time.time()
        d.start()  # what is there stays, and soon
        assert time.time() - began < 60
        assert "history" not in d.out
        assert offered(d.boss(), now - 8 * 86400, now - 86400)["vip"]["offered"] == week["offered"]


test_demo_history_is_true.seconds = 900


def test_demo_links_and_switches():
    with Demo(days=2) as d:
        assert d.enter("Agent") == (200, "anna")
        assert d.enter("Agent") == (401, ""), "a link is good once"
        assert d.enter("Supervisor", "admin") == (200, "simon"), "a link is for one"
        assert [d.enter("Open", x) for x in ("agent", "admin")] == [(200, "anna"), (200, "ada")]
        assert d.enter("Open", "nobody")[0] == 401
        boss = d.boss()
        root = Api(d.http, token=boss.token)

        def arrived(seconds):
            at = time.time()
            time.sleep(seconds)
            return len([c for c in boss.get(f"contacts?limit=500&from={iso(at)}")["items"]])
        assert root.get("/api/v1/me")["demo"] is True
        wait_until(lambda: arrived(1), 60, "somebody calls")
        slow = arrived(6)
        assert root.post("/api/v1/demo/storm", {"on": True})["storm_ms"] > 100000
        wait_until(lambda: arrived(6) > 2 * slow + 3, 30, f"more come than {slow} in 6 s")  # chance has its say in each
        assert root.post("/api/v1/demo/storm", {"on": False})["storm_ms"] == 0
        assert root.post("/api/v1/demo/speed", {"factor": 10})["speed"] == 10
        wait_until(lambda: arrived(6) > slow + 2, 30, f"more come than {slow} in 6 s")
        refused = root.post("/api/v1/demo/ring", {"agent": "anna"}, expect=409)
        assert refused["why"] == "no_phone" and "desk" in refused["detail"], refused


test_demo_links_and_switches.seconds = 400


def test_demo_rings_the_visitor():
    """By the printed link, in a real browser: ready, ring me, answer, and a person speaks."""
    with Demo(days=2) as d:
        with Browser(d.http, seconds=30.0) as b:
            address = d.links["Agent"].replace("//localhost", "//agent.localhost")
            b.run("await page.goto(args.to)", {"to": address})
            b.see("Ring me")
            b.click("button", "Go ready")
            boss = d.boss()
            wait_until(lambda: boss.get("agents/anna")["presence"] == "ready", 20, "anna is ready")
            b.click("button", "Ring me")
            wait_until(lambda: boss.get("agents/anna")["work"] == "offered", 20, "it rings at anna")
            b.click("button", "Accept")
            wait_until(lambda: boss.get("agents/anna")["work"] == "talking", 10, "anna talks")
            contact = boss.get("agents/anna")["contacts"][0]
            assert boss.get(f"contacts/{contact}")["customer"], "he is one of the firm's customers"
            wait_until(lambda: b.inside("window.__level(300)") > -75 or b.inside("window.__level(500)") > -75, 30,
                       "he is heard", every=0.3)


test_demo_rings_the_visitor.seconds = 400


def test_demo_is_nowhere_else():
    with House() as h:
        root = Api(h.server.http, token=h.boss.token)
        for path, body in (("ring", {}), ("storm", {"on": True}), ("speed", {"factor": 10}), ("enter", {"key": "x"})):
            root.ask("POST", f"/api/v1/demo/{path}", body, expect=404)
        root.ask("GET", "/api/v1/demo", expect=404)
        assert "demo" not in root.get("/api/v1/me")
