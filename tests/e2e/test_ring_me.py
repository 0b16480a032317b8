"""A desk tried by a call that nobody makes (issue 6, 3): it rings, a voice is heard, it is over, and nothing of it counts."""
import math
import time

from harness import wait_until
from test_webphone import offered, world
from webrtc import Refused


def figures(h):
    """Everything that counts work; time signed in, ready and private goes on or is told apart."""
    whole = {"at", "from", "to", "signed_in_ms", "ready_ms", "not_ready_ms", "private_ms", "reasons", "as_of", "occupancy"}
    day = f"from={h.day}T00:00:00Z&to={h.day}T23:59:59.999Z&interval_s=0"
    return {what: [{k: v for k, v in row.items() if k not in whole}
                   for row in h.boss.get(f"reports/{what}?{day}")["items"]]
            for what in ("queues", "agents", "contacts")}


def test_ring_me_is_heard_and_counts_nowhere():
    with world() as (h, page):
        h.day = time.strftime("%Y-%m-%d", time.gmtime())
        h.boss.ready("clara")
        before = figures(h)
        page.api.post("calls", {"test": True, "to": "olga"}, expect=400)
        page.api.post("calls", {}, expect=400)
        page.api.post("calls", {"test": True, "agent": "olga"}, expect=403)
        refused = h.boss.post("calls", {"test": True}, expect=409)  # olga supervises and takes no calls
        assert "role agent" in refused["detail"], refused

        test = page.api.post("calls", {"test": True, "lang": "pl"}, expect=201)
        assert (test["direction"], test["private"], test["test"]) == ("internal", True, True), test
        offer = offered(page, test["id"])
        page.api.post("calls", {"test": True}, expect=409)  # it rings already
        since = time.monotonic()
        page.desk.do("accept", contact=offer["contact"])
        page.tab.wait_loud(15, since)
        # a voice, not a tone: loud most of the time, and no one pitch of ours
        begun = time.monotonic()
        time.sleep(2)
        assert page.tab.loud(begun, math.inf) > 0.4 and page.tab.hears(page.hz, begun, math.inf) < 0.3
        for verb in ({"do": "transfer", "to": {"queue": "support"}}, {"do": "park"}):
            try:
                page.desk.do(verb.pop("do"), contact=test["id"], **verb)
                raise AssertionError("a test call was given away")
            except Refused as no:
                assert "test call" in str(no), no

        h.server.kill("centrala-core")  # the voice goes on, and so does what is known of it
        h.server.healthy()
        page.reconnect()
        page.tab.wait_loud(5, time.monotonic())
        page.desk.do("end", contact=test["id"])
        ended = h.boss.wait_ended(test["id"])
        assert ended["test"] and ended["ended_by"] == "agent" and not ended["recordings"], ended
        wait_until(lambda: h.boss.agent("clara")["work"] == "idle", 5, "no wrap-up")

        rejected = h.boss.post("calls", {"test": True, "agent": "clara"}, expect=201)  # a supervisor for her
        offered(page, rejected["id"])
        page.desk.do("reject", contact=rejected["id"])
        h.boss.wait_ended(rejected["id"])
        assert h.boss.wait_work("clara", "idle")["presence"] == "ready"
        assert figures(h) == before
        assert h.server.check()


test_ring_me_is_heard_and_counts_nowhere.seconds = 120
