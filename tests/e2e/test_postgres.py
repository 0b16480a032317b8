"""The database is PostgreSQL, and it fails: stopped, cut, locked, slow, racing, read only
(faults.md R6, R7, R8). No call may notice, and afterwards every fact is stored exactly once."""
import collections
import contextlib
import http.client
import os
import socket
import subprocess
import threading
import time

import postgres
from harness import AGENT, CUSTOMER, PROGRAM, House, Server, Skip, seeds, site, wait_until
from sip import user_of

AGENTS = ("anna", "boris", "celia", "dorota")
QUIET = {"wrap_s": 0, "ring_s": 30}
_server = None


def server():
    """One PostgreSQL for this file, apart from everybody's: it is stopped and started here."""
    global _server
    if not postgres.programs():
        raise Skip("PostgreSQL is not installed")
    _server = _server or postgres.Postgres()
    if not _server.pid():
        _server.start()
    return _server


class Relay(threading.Thread):
    """A TCP relay that holds every piece back for `delay` seconds, in order."""

    def __init__(self, port):
        super().__init__(daemon=True)
        self.to, self.delay, self.ends = port, 0.0, []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.start()

    def run(self):
        with contextlib.suppress(OSError):
            while True:
                near, _ = self.listener.accept()
                far = socket.create_connection(("127.0.0.1", self.to))
                self.ends += [near, far]
                for a, b in ((near, far), (far, near)):
                    waiting = collections.deque()
                    more = threading.Condition()
                    threading.Thread(target=self.read, args=(a, waiting, more), daemon=True).start()
                    threading.Thread(target=self.write, args=(b, waiting, more), daemon=True).start()

    def read(self, a, waiting, more):
        piece = b"x"
        while piece:
            try:
                piece = a.recv(65536)
            except OSError:
                piece = b""
            with more:
                waiting.append((time.monotonic() + self.delay, piece))
                more.notify()

    @staticmethod
    def write(b, waiting, more):
        while True:
            with more:
                while not waiting:
                    more.wait()
                due, piece = waiting.popleft()
            time.sleep(max(0, due - time.monotonic()))
            try:
                if not piece:
                    b.close()
                    return
                b.sendall(piece)
            except OSError:
                return

    def cut(self):
        """All connections end, whatever is held back in them."""
        for end in self.ends:
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
        self.ends.clear()

    def close(self):
        self.listener.close()


class Pings(threading.Thread):
    """OPTIONS every 50 ms: how much longer than 0.2 s the core's main thread took to answer, in seconds altogether. It
    would wait for a database for seconds each time; a machine that is busy costs a tenth or two now and then."""

    def __init__(self, sip):
        super().__init__(daemon=True)
        host, port = sip.split(":")
        self.to = (host, int(port))
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.socket.settimeout(2)
        self.late, self.count, self.over = 0.0, 0, threading.Event()
        self.start()

    def run(self):
        host, port = self.socket.getsockname()
        while not self.over.wait(0.05):
            self.count += 1
            began = time.monotonic()
            self.socket.sendto((
                f"OPTIONS sip:x@{self.to[0]}:{self.to[1]} SIP/2.0\r\n"
                f"Via: SIP/2.0/UDP {host}:{port};branch=z9hG4bK{os.urandom(6).hex()}\r\n"
                f"Max-Forwards: 70\r\nFrom: <sip:p@{host}>;tag=p\r\nTo: <sip:x@{host}>\r\n"
                f"Call-ID: {os.urandom(6).hex()}\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n"
            ).encode(), self.to)
            try:
                self.socket.recv(4096)
            except OSError:
                pass
            self.late += max(0.0, time.monotonic() - began - 0.2)

    def stop(self):
        self.over.set()
        self.join()
        self.socket.close()
        assert self.count > 5
        return self.late


class Traffic(threading.Thread):
    """Callers, one after the other, each talks to an agent for a second and hangs up."""
    # an agent is there for each in time: two callers a second, three agents, a second each

    def __init__(self, h, every=0.5):
        super().__init__(daemon=True)
        self.h, self.every = h, every
        self.calls, self.errors, self.over = [], [], threading.Event()
        self.rung = []  # at the agents' telephones
        h.phones.policy = lambda c: (c.accept(), self.rung.append(c))
        self.start()

    def run(self):
        while not self.over.wait(self.every):
            call = self.h.ring(user=f"+48602{len(self.calls):06d}")
            call.rang_at = time.monotonic()
            self.calls.append(call)
            threading.Thread(target=self.one, args=(call,), daemon=True).start()

    def one(self, call):
        try:
            call.wait_answer(3)
            who = user_of(call.local)
            wait_until(lambda: any(c.established.is_set() and user_of(c.remote) == who for c in list(self.rung)), 20,
                       "an agent for him")
            time.sleep(1)
            call.bye()
        except BaseException as error:  # pylint: disable=broad-except
            self.errors.append(f"{call.local}: {error}")

    def stop(self):
        """Every call was answered, and the slowest answer."""
        self.over.set()
        self.join()
        for call in self.calls:
            call.wait_over(30, by="us")
        assert not self.errors, self.errors
        return max(c.answered_at - c.rang_at for c in self.calls)


class Pg(contextlib.ExitStack):
    """A House whose database is on the private server, with talks that last through everything."""

    def __init__(self, port=None, **words):
        super().__init__()
        self.server = server()
        self.name = self.server.database()
        self.h = self.enter_context(House(AGENTS, queue_more=QUIET, settings={
            "store.url": self.server.url(self.name, port)}, **words))
        self.boss, self.made = self.h.boss, 0

    def sql(self, text):
        return self.server.sql(self.name, text)

    def talk(self):
        """One that lasts, with anna; the others take what comes."""
        self.long = self.h.talk(user="+48601999999", agent="anna")
        self.boss.ready(*AGENTS[1:])
        self.made += 1
        return self

    def hears(self):
        """The long talk goes on, both ways."""
        call, phone, _ = self.long

        def both():
            now = time.monotonic()
            return max(call.sound.longest_gap(now - 0.3, now, AGENT), phone.sound.longest_gap(now - 0.3, now, CUSTOMER)) < 0.2
        time.sleep(0.3)
        wait_until(both, 1, "customer and agent hear each other")

    def behind(self):
        for line in self.boss.raw("GET", "/metrics").body.decode().splitlines():
            if line.startswith("cc_store_behind_facts "):
                return int(line.split()[1])
        raise AssertionError("no metric tells how far the database is behind")

    def settle(self, traffic=None, seconds=20):
        """The database is back: everything is there exactly once, and lawful."""
        wait_until(lambda: self.health() == "ok", seconds, "the database works again")
        call, _, contact = self.long
        call.bye()
        self.boss.wait_ended(contact, seconds)
        wait_until(lambda: self.behind() == 0, seconds, "all facts are stored")
        made = self.made + (len(traffic.calls) if traffic else 0)
        wait_until(lambda: len([c for c in self.boss.contacts() if c["ended_at"]]) == made, seconds,
                   f"{made} contacts ended, of {len(self.boss.contacts())}")
        callers = [c["from"] for c in self.boss.contacts()]
        assert len(callers) == len(set(callers)) == made, "a contact twice, or none"
        row = self.boss.report()
        assert row["offered"] == made and row["answered"] == made, row
        assert self.sql("SELECT count(*), max(seq) - min(seq) + 1, count(DISTINCT seq) FROM events "
                        "WHERE seq > 0").split("|")[0] == self.sql("SELECT max(seq) FROM events")
        self.h.server.check()

    def health(self):
        return self.boss.raw("GET", "/healthz").json["status"]

    def alarms(self):
        return self.sql("SELECT count(*) FROM events WHERE kind = 'alarm'")


def test_stopped_at_once_for_twenty_seconds():
    with Pg().talk() as p:
        admin = p.h.server.login("adam")
        traffic, pings = Traffic(p.h), Pings(p.h.server.sip)
        time.sleep(3)
        rss = memory(p.h.server)
        p.server.stop("immediate")
        began = time.monotonic()
        wait_until(lambda: p.health() == "degraded", 10, "the loss is seen")
        answer = p.boss.raw("GET", "/readyz")
        assert answer.status == 503 and b"database" in answer.body, answer
        # who reads what is stored, or wants something stored, is sent away soon, and told when to come
        for method, path, body in (("GET", "contacts", None),
                                   ("POST", "agents/dorota/presence",
                                    {"presence": "not_ready", "reason": "break"}),
                                   ("PUT", "outcomes/later", {"name": "Later"})):
            at = time.monotonic()
            answer = (admin if method == "PUT" else p.boss).raw(method, f"/api/v1/tenants/acme/{path}", body)
            assert answer.status == 503 and int(answer.headers["retry-after"]) >= 1, (path, answer)
            assert time.monotonic() - at < 6, f"{path}: {time.monotonic() - at:.1f} s"
        # what lives is seen
        assert p.boss.agent("anna")["work"] == "talking"
        assert p.boss.live()["waiting"] == 0
        while time.monotonic() - began < 20:
            p.hears()
            time.sleep(1)
        grown = memory(p.h.server) - rss
        behind = p.behind()
        assert behind > 100, f"only {behind} facts wait"
        p.server.start()
        wait_until(lambda: p.health() == "ok", 10, "it is found again")
        slowest, late = traffic.stop(), pings.stop()
        assert slowest < 2.0 and late < 1.0, f"answer after {slowest:.2f} s, SIP late by {late:.3f} s"
        assert grown < 16 << 20, f"memory grew by {grown >> 20} MiB"
        p.settle(traffic)
        assert int(p.alarms()) >= 2, "an alarm when it went and one when it came"


test_stopped_at_once_for_twenty_seconds.waits = True


def memory(s):
    """Anonymous memory of the core, bytes."""
    pid = s.children("centrala-core")[0]
    for line in open(f"/proc/{pid}/status", encoding="ascii"):
        if line.startswith("RssAnon:"):
            return int(line.split()[1]) * 1024
    return 0


def test_sessions_are_terminated():
    with Pg().talk() as p:
        traffic, pings = Traffic(p.h), Pings(p.h.server.sip)
        admin, acked, asked = p.h.server.login("adam"), [], 0
        for seed in seeds(6):
            until = time.monotonic() + 0.4 + seed % 3 * 0.37
            while time.monotonic() < until:  # L1: what was acknowledged is there
                name, asked = f"o{asked}", asked + 1
                path = f"/api/v1/tenants/acme/outcomes/{name}"
                answer = admin.raw("PUT", path, {"name": name})
                assert answer.status in (201, 503), answer
                if answer.status == 201:
                    acked.append(name)
            p.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = "
                  f"'{p.name}' AND pid <> pg_backend_pid()")
            assert p.boss.ask("GET", "contacts?limit=1").json["items"]  # readers come again at once
        slowest, late = traffic.stop(), pings.stop()
        assert slowest < 2.0 and late < 1.0, f"answer after {slowest:.2f} s, SIP late by {late:.3f} s"
        p.settle(traffic)
        stored = p.sql("SELECT id FROM objects WHERE kind = 'outcome' AND version = 1").split()
        assert len(acked) > 10 and set(acked) <= set(stored), set(acked) - set(stored)
        assert len(stored) == len(set(stored))


def test_tables_are_locked():
    with Pg().talk() as p:
        traffic, pings = Traffic(p.h), Pings(p.h.server.sip)
        time.sleep(1)
        other = p.server.session(p.name)
        other.stdin.write("BEGIN; LOCK TABLE events, contacts;\nSELECT 'locked';\n")
        other.stdin.flush()
        assert other.stdout.readline().strip() == "locked"
        at = time.monotonic()
        answer = p.boss.raw("POST", "/api/v1/tenants/acme/agents/dorota/presence",
                            {"presence": "not_ready", "reason": "break"})
        assert answer.status == 503 and answer.headers["retry-after"], answer
        assert time.monotonic() - at < 6, f"{time.monotonic() - at:.1f} s"
        wait_until(lambda: p.health() == "degraded", 10, "the lock is seen")
        while time.monotonic() - at < 8:
            p.hears()
        other.stdin.close()
        other.wait()
        slowest, late = traffic.stop(), pings.stop()
        assert slowest < 2.0 and late < 1.0, f"answer after {slowest:.2f} s, SIP late by {late:.3f} s"
        p.settle(traffic)


def test_a_slow_way_to_the_database():
    relay = Relay(server().port)
    try:
        with Pg(port=relay.port).talk() as p:
            traffic, pings = Traffic(p.h), Pings(p.h.server.sip)
            time.sleep(1)
            relay.delay = 3.0
            began = time.monotonic()
            wait_until(lambda: p.health() == "degraded", 15, "slowness is seen")
            while time.monotonic() - began < 12:
                p.hears()
                time.sleep(0.5)
            relay.delay = 0.0
            slowest, late = traffic.stop(), pings.stop()
            assert slowest < 2.0 and late < 1.0, f"answer after {slowest:.2f} s, SIP late by {late:.3f} s"
            p.settle(traffic, 30)
    finally:
        relay.close()


def test_a_deaf_database():
    """Connections stand, nothing comes back: waits end, and so does the server when it is told to."""
    relay = Relay(server().port)
    try:
        with Pg(port=relay.port).talk() as p:
            traffic, pings = Traffic(p.h), Pings(p.h.server.sip)
            time.sleep(1)
            relay.delay = 1000.0
            wait_until(lambda: p.health() == "degraded", 10, "deafness is seen")
            for _ in range(4):
                at = time.monotonic()
                answer = p.boss.raw("GET", "/api/v1/tenants/acme/contacts")
                assert answer.status == 503 and answer.headers["retry-after"], answer
                assert time.monotonic() - at < 6, f"{time.monotonic() - at:.1f} s"
            p.hears()
            slowest, late = traffic.stop(), pings.stop()
            assert slowest < 2.0 and late < 1.0, f"answer after {slowest:.2f} s, SIP late by {late:.3f} s"
            p.long[0].bye()
            time.sleep(0.5)
            assert p.h.server.stop() < 5
            p.h.server.start()
            assert p.health() == "degraded" and p.h.server.start_seconds < 10
            relay.delay = 0.0
            relay.cut()
            wait_until(lambda: p.health() == "ok", 30, "it hears again")
            wait_until(lambda: len([c for c in p.boss.contacts() if c["ended_at"]]) ==
                       len(traffic.calls) + 1, 20, "all contacts are there")
            p.h.server.check()
    finally:
        relay.close()


def test_races_are_lost():
    """40001 for a group, three times; and for the very COMMIT."""
    with Pg().talk() as p:
        p.sql("CREATE SEQUENCE races; CREATE FUNCTION lose() RETURNS trigger LANGUAGE plpgsql AS $$"
              "BEGIN IF nextval('races') <= 3 THEN RAISE EXCEPTION 'could not serialize' USING "
              "ERRCODE = '40001'; END IF; RETURN NULL; END$$; CREATE CONSTRAINT TRIGGER lose AFTER "
              "INSERT ON events DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION lose()")
        traffic = Traffic(p.h)
        wait_until(lambda: int(p.sql("SELECT last_value FROM races")) > 3, 20, "somebody races")
        traffic.stop()
        p.settle(traffic)


def test_the_database_is_read_only_for_a_while():
    with Pg().talk() as p:
        traffic = Traffic(p.h)
        p.sql(f"ALTER DATABASE {p.name} SET default_transaction_read_only = on")
        p.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = "
              f"'{p.name}' AND pid <> pg_backend_pid()")
        wait_until(lambda: p.health() == "degraded", 10, "25006 is seen")
        assert p.boss.ask("GET", "contacts?limit=1").json["items"]  # reading goes on
        time.sleep(3)
        p.server.sql("postgres", f"ALTER DATABASE {p.name} RESET default_transaction_read_only")
        traffic.stop()
        p.settle(traffic)


def test_the_core_dies_while_the_database_is_away():
    for seed in seeds(2):
        with Pg().talk() as p:
            traffic = Traffic(p.h)
            time.sleep(1 + 0.1 * seed)
            p.server.stop("immediate")
            wait_until(lambda: p.health() == "degraded", 10, "the loss is seen")
            killed = p.h.server.kill("centrala-core")

            def back():
                with contextlib.suppress(OSError, http.client.HTTPException, AssertionError):
                    return p.boss.agent("anna")["work"] == "talking"  # the same token, too
                return False
            wait_until(back, 5, "the core is back without its database")
            print(f"    back after {time.monotonic() - killed:.2f} s without the database")
            p.hears()
            time.sleep(2)
            p.server.start()
            wait_until(lambda: p.health() == "ok", 10, "it is found again")
            p.h.server.kill("centrala-core")  # while it may still be catching up
            wait_until(back, 5, "the core is back again")
            p.hears()
            traffic.stop()
            p.settle(traffic)


def test_everything_dies_while_the_database_is_away():
    """kill -9 of all our processes; the server starts again without its database, on what DIR knows."""
    with Pg() as p:
        h = p.h
        h.phones.policy = lambda c: c.accept()
        h.boss.ready("anna")
        first = h.ring(user="+48601000001").wait_answer(3)
        time.sleep(1)
        first.bye()
        p.server.stop("immediate")
        second = h.ring(user="+48601000002").wait_answer(3)
        time.sleep(1)
        second.bye()
        time.sleep(0.5)
        h.server.kill_all()
        h.server.start()
        assert p.health() == "degraded"
        third = h.ring(user="+48601000003").wait_answer(3)
        time.sleep(0.5)
        third.bye()
        assert h.server.stop() < 5  # what waits stays in DIR
        # without a server the commands say what is wrong
        h.server.run("check", "--data", str(h.server.data), expect=1)
        assert "database" in h.server.stderr, h.server.stderr
        p.server.start()
        h.server.start()
        wait_until(lambda: len([c for c in h.boss.contacts() if c["ended_at"]]) == 3, 10,
                   f"three contacts of {h.boss.contacts()}")
        h.server.check()
        h.server.stop()
        h.server.check()  # offline too
        assert h.server.export()["objects"]
        assert "0 changed" in h.server.apply(h.objects)


def test_the_first_start_waits_for_the_database():
    pg = server()
    name = pg.database()
    pg.stop("fast")
    with Server(site(1, 2), {"store.url": pg.url(name)}, start=False) as s:
        missed, start = [], threading.Thread(target=lambda: (wait_until(
            lambda: "event=database_failed" in s.tail(100), 15, "it is missed"), missed.append(not s.lines), pg.start()))
        start.start()
        s.start()
        start.join()
        assert missed == [True], "ready before there was a database"
        s.login("olga")
        s.check()


def test_two_servers_do_not_share_a_database():
    pg = server()
    name = pg.database()
    with Server(site(1, 2), {"store.url": pg.url(name)}):
        with Server(site(1, 2), {"store.url": pg.url(name)}, start=False) as other:
            done = subprocess.run([PROGRAM, "apply", "--data", str(other.data), str(other.site)],
                                  capture_output=True, text=True, timeout=30, check=False)
            assert done.returncode == 1 and "another server writes" in done.stderr, done.stderr


def test_a_password_is_never_said():
    pg = server()
    name, secret = pg.database(), "canary-4711"
    url = pg.url(name).replace("centrala@", f"centrala:{secret}@")
    with Server(site(1, 2), {"store.url": url}) as s:
        admin = s.login("adam")
        pg.stop("immediate")
        admin.raw("PUT", "/api/v1/tenants/acme/outcomes/later", {"name": "Later"})
        wait_until(lambda: admin.raw("GET", "/healthz").json["status"] == "degraded", 5, "degraded")
        done = subprocess.run([PROGRAM, "check", "--data", str(s.data), "--set", f"store.url={url}x:y@z"],
                              capture_output=True, text=True, timeout=30, check=False)
        assert done.returncode != 0 and secret not in done.stdout + done.stderr, done
        pg.start()
        time.sleep(1)
        s.stop()
        text = (s.data / "stderr.log").read_text(errors="replace")
        assert secret not in text and "database_failed" in text, text


for _name, _function in list(globals().items()):
    if _name.startswith("test_"):
        _function.seconds = 240
