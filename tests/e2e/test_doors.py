"""Trunks watched and chosen, calls out limited: whom a tenant may call, over which trunk, how much."""
import copy
import time

from harness import House, clear_of_edge, wait_until
from sip import UserAgent
from test_trunks import AWAY, facts, trunk


def away(number):
    made = copy.deepcopy(AWAY)
    made[1]["nodes"]["out"]["to"] = number
    return made


def tenant(h, **fields):
    t = next(o for o in h.objects["objects"] if o["kind"] == "tenant")
    t.update(fields)
    h.server.apply({"objects": [t]})


def alarms(h, name):
    return [e["detail"] for e in h.boss.get("events?after=0&limit=500")["items"]
            if e["event"] == "alarm" and e["name"] == name]


def peers(h, name="carrier"):
    return h.boss.get(f"trunks/{name}/live")["peers"]


def test_a_trunk_that_falls_silent_is_left_aside():
    """R13: down after three silences, up after two answers; meanwhile nobody waits for it."""
    with UserAgent() as far, House(agents=(), objects=AWAY) as h:
        trunk(h, peers=[f"127.0.0.1:{far.port}", f"127.0.0.1:{h.carrier.port}"], ping_s=1)
        asked = lambda: [m for _, way, m in far.log if way == "<" and m.method == "OPTIONS"]
        wait_until(lambda: len(asked()) >= 2, 10, "OPTIONS come")
        ping = asked()[0]
        assert not ping.body and ping.get("max-forwards") and ping.tag("from"), ping.headers
        assert not any(p["down"] for p in peers(h))
        wait_until(lambda: peers(h)[0]["status"] == 200 and peers(h)[0]["since_at"], 10, "its answer")
        assert h.boss.post("trunks/carrier/test", {})["ok"]
        far.deaf = True
        began = time.monotonic()
        tried = h.boss.post("trunks/carrier/test", {})
        assert 2.5 < time.monotonic() - began < 9, "who is silent is waited for"
        assert [(a["ok"], a["why"]) for a in tried["answers"]] == [(False, "silent"), (True, None)], \
            tried
        wait_until(lambda: peers(h)[0]["down"], 40, "down after three silences")
        found = [e for e in h.boss.get("trunks/carrier/live")["errors"] if str(far.port) in e["peer"]]
        assert [(e["asked"], e["why"]) for e in found] == [("options", "silent")] and \
            found[0]["count"] >= 3 and found[0]["at"] > found[0]["first_at"], found
        assert not peers(h)[1]["down"]
        assert len(alarms(h, "trunk_down")) == 1, alarms(h, "trunk_down")
        assert str(far.port) in alarms(h, "trunk_down")[0]
        began = time.monotonic()
        call = h.ring("+48221000009").wait_answer()
        other = h.carrier.wait_call()
        assert other.arrived_at - began < 3, "somebody waited 4 s for the dead one"
        other.reject(486, "Busy Here")
        call.bye()
        far.deaf = False
        wait_until(lambda: not peers(h)[0]["down"], 30, "up after two answers")
        assert len(alarms(h, "trunk_up")) == 1
        trunk(h, ping_s=0)
        time.sleep(1.5)
        n = len(asked())
        time.sleep(2.5)
        assert len(asked()) == n, "asked although it is declared not to be"
        h.settled()


test_a_trunk_that_falls_silent_is_left_aside.seconds = 120
test_a_trunk_that_falls_silent_is_left_aside.waits = True


def test_retry_after_is_kept():
    """503 with Retry-After: the next call does not even try it, until its time is over."""
    with UserAgent() as far, House(agents=(), objects=AWAY) as h:
        trunk(h, peers=[f"127.0.0.1:{far.port}", f"127.0.0.1:{h.carrier.port}"])

        def refuse(call):
            call.respond(call.invite, 503, "Service Unavailable", headers=[("retry-after", "9")])
        for i in range(2):
            call = h.ring("+48221000009", user=f"+4860100000{i}").wait_answer()
            if i == 0:
                refuse(far.wait_call())
                refused_at = time.monotonic()
            phone = h.carrier.wait_call()
            phone.reject(486, "Busy Here")
            call.bye()
        assert peers(h)[0]["busy"] and far.calls.empty()
        time.sleep(max(0, refused_at + 9.2 - time.monotonic()))
        call = h.ring("+48221000009").wait_answer()
        far.wait_call().reject(486, "Busy Here")
        call.bye()
        h.settled()


def out_of(h, user, far=None):
    """A caller whom the flow leads away: the far call, or the facts of why there was none."""
    call = h.ring("+48221000009", user=user).wait_answer()
    if far:
        phone = far.wait_call()
        return call, phone
    contact = h.contact_of(call)
    h.boss.wait_contact(contact, lambda c: c["state"] == "waiting", 10, "it goes on in the queue")
    call.bye()
    return contact


def test_cheapest_way_and_how_numbers_are_written():
    with UserAgent() as cheap, UserAgent() as dear, House(agents=(), objects=AWAY) as h:
        more = [{"kind": "trunk", "tenant": "acme", "id": name, "peers": [f"127.0.0.1:{far.port}"],
                 "rates": [{"prefix": "+48", "per_minute": price}], **how}
                for name, far, price, how in (
                    ("cheap", cheap, 0.01, {"number_format": "national", "number_add": "0"}),
                    ("dear", dear, 0.05, {}))]
        trunk(h, priority=9)
        h.server.apply({"objects": more})
        for i in range(3):
            call, phone = out_of(h, f"+4860100000{i}", cheap)
            assert phone.user == "0601602603", phone.user
            phone.reject(486, "Busy Here")
            call.bye()
        more[1]["prefixes"] = ["+48601"]
        h.server.apply({"objects": more})
        call, phone = out_of(h, "+48601000009", dear)
        assert phone.user == "+48601602603", phone.user
        phone.reject(486, "Busy Here")
        call.bye()
        assert h.carrier.calls.empty()
        h.settled()


def test_whom_a_tenant_may_call():
    """National numbers only unless the tenant says more; help always; each refusal is a fact."""
    with House(agents=(), objects=away("+442079460000")) as h:
        contact = out_of(h, "+48601000001")
        said = facts(h, contact, "dial_blocked")
        assert [(e["number"], e["cause"]) for e in said] == [("+442079460000", "not_allowed")], said
        tenant(h, dial={"allow": ["+48", "+44"], "deny": ["+4420"]})
        assert facts(h, out_of(h, "+48601000002"), "dial_blocked")
        tenant(h, dial={"allow": ["+48", "+4420"], "deny": ["+44"]})
        call, phone = out_of(h, "+48601000003", h.carrier)
        assert phone.user == "+442079460000"
        phone.reject(486, "Busy Here")
        call.bye()
        tenant(h, dial={"allow": ["+44"], "closed": True})
        said = facts(h, out_of(h, "+48601000004"), "dial_blocked")
        assert said[0]["cause"] == "closed", said
        h.server.apply({"objects": away("112")})
        call, phone = out_of(h, "+48601000005", h.carrier)
        assert phone.user == "112"
        phone.reject(486, "Busy Here")
        call.bye()
        # premium and shared cost need their own range, satellites too
        tenant(h, dial={"allow": ["+"]})
        for i, number in enumerate(("+48700123456", "+48801123456", "+881612345678", "+979123456789")):
            h.server.apply({"objects": away(number)})
            assert facts(h, out_of(h, f"+4860100001{i}"), "dial_blocked"), number
        bad = copy.deepcopy(next(o for o in h.objects["objects"] if o["kind"] == "tenant"))
        bad["dial"] = {"allow": ["48"], "limits": {"calls": -1}, "nonsense": 1}
        h.server.apply({"objects": [bad]}, expect=1)
        assert h.carrier.calls.empty()
        h.settled()


def test_limits_of_calls_out():
    """The third call of two, the second of a second, money of the day: refused, told, nobody cut off."""
    clear_of_edge(3600, 60)  # at midnight in Warsaw there is new money
    with House(agents=(), objects=AWAY) as h:
        tenant(h, dial={"limits": {"calls": 2, "cost_per_day": 0.02}})
        trunk(h, rates=[{"prefix": "+48", "per_minute": 0.6}])  # a cent a second
        talks = []
        for i in range(2):
            call, phone = out_of(h, f"+4860100000{i}", h.carrier)
            phone.ring()
            talks.append((call, phone))
        said = facts(h, out_of(h, "+48601000005"), "dial_blocked")
        assert [e["cause"] for e in said] == ["calls"], said
        talks[0][0].bye()
        talks[0][1].wait_over()
        call, phone = talks[1]
        phone.accept()
        phone.established.wait(10)
        time.sleep(2.3)
        said = facts(h, out_of(h, "+48601000006"), "dial_blocked")
        assert [e["cause"] for e in said] == ["cost_per_day"], said
        assert not phone.over.is_set() and not call.over.is_set(), "a call that runs was ended"
        assert any("cost_per_day is reached" in d for d in alarms(h, "dial_limit")), \
            alarms(h, "dial_limit")
        h.server.kill("centrala-core")  # what was spent is not forgotten
        h.server.healthy()
        said = facts(h, out_of(h, "+48601000007"), "dial_blocked")
        assert [e["cause"] for e in said] == ["cost_per_day"], said
        shown = h.server.run("ctl", "--data", str(h.server.data), "show", "toll")
        assert "acme" in shown, shown
        call.bye()
        phone.wait_over()
        assert h.carrier.calls.empty()
        h.settled()
