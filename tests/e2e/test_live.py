"""/api/v1/live: what desks are told, and what they do (contract.md section 3, docs/api.md Live)."""
import time

from harness import House, wait_until
from live import Desk
from live_story import people, pick_up, story


def test_live_opens_and_tells():
    with House() as h, Desk(h.boss) as olga:
        first = olga.snapshots[0]
        assert first["me"]["user"] == "olga" and first["me"]["roles"] == ["supervisor"], first["me"]
        assert [a["id"] for a in first["agents"]] == ["anna", "boris"], first
        assert first["queues"] == [{"id": "support", "name": "Support"}] and first["contacts"] == []
        with Desk(h.server.login("anna")) as anna:
            assert anna.do("presence", presence="ready")["presence"] == "ready"
            olga.wait_event("agent_presence", agent="anna", to="ready")
            call = h.ring().wait_answer()
            offer = anna.wait_event("offer", agent="anna")
            assert offer["with"]["from"] == "+48601000001", offer
            phone = pick_up(h, "anna")
            anna.wait_event("answer")
            anna.do("hold", contact=offer["contact"])
            anna.wait_event("hold_on")
            anna.do("resume", contact=offer["contact"])
            anna.do("resume", 409, contact=offer["contact"])
            anna.do("fly", 404, contact=offer["contact"])
            anna.do("hold", 404, contact="nothing")
            call.bye()
            phone.wait_over(3, by="them")
            assert anna.wait_event("wrap_end")["gone"]
            olga.wait_event("ended", contact=offer["contact"])
        h.settled()
