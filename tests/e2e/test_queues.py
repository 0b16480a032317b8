"""Rules of the queue that a stranger sees: mass events, places kept, priorities, reasons, why."""
import time

from harness import House, near, wait_until
from test_call import seconds_between

SALES = {"kind": "queue", "tenant": "acme", "id": "sales", "name": "Sales", "wrap_s": 0}
NEWS = {"kind": "prompt", "tenant": "acme", "id": "news",
        "text": {"en": "The power is out in the whole town. We are working on it."}}
OUTAGE = {"kind": "mass_event", "tenant": "acme", "id": "outage", "name": "Power cut",
          "queues": ["support"], "helpers": ["sales"], "bulletin": "news", "max_waiting": 10}


def helper(h):
    """boris serves sales only."""
    user = next(o for o in h.objects["objects"] if o["id"] == "boris")
    user["queues"] = ["sales"]
    h.server.apply({"objects": [user]})


def between(h, contact, first, last):
    """Seconds by the server's own clock between the first of the one event and the first of the other."""
    at = {e["event"]: e["at"] for e in reversed(h.boss.events(contact))}
    return seconds_between(at[first], at[last])


def report(h):
    rows = h.boss.get("reports/mass_events")["items"]
    return rows[-1] if rows else None


def test_mass_event_with_bulletin_helpers_and_limits():
    with House(queue_more={"max_waiting": 1, "wrap_s": 0}, objects=[SALES, NEWS, OUTAGE]) as h:
        helper(h)
        h.boss.presence("anna", "not_ready", "break")
        first = h.ring(user="+48601000001").wait_answer(3)
        h.boss.wait_waiting(1)
        h.ring(user="+48601000002").wait_over(5, by="them")  # full
        anna = h.server.login("anna", "anna-secret-1")
        anna.post("mass_events/outage/start", expect=403)
        h.boss.post("mass_events/flood/start", expect=404)
        assert h.boss.post("mass_events/outage/start") == {"id": "outage", "active": True}
        h.boss.post("mass_events/outage/start")  # again: nothing
        contact = h.contact_of(first)
        wait_until(lambda: [e for e in h.boss.events(contact) if e["event"] == "bulletin"], 15,
                   "who waits hears the bulletin")
        second = h.ring(user="+48601000003").wait_answer(3)
        third = h.ring(user="+48601000004").wait_answer(3)
        h.boss.wait_waiting(3)
        h.server.kill("centrala-core")  # it goes on
        h.server.healthy(10)
        h.boss.wait_waiting(3, seconds=10)
        h.boss.ready("boris")
        phone = h.phones.wait_call(5)
        assert phone.user == "boris", phone.user
        phone.ring().accept()
        h.boss.wait_work("boris", "talking", 5)
        first.bye()
        phone.wait_over(5, by="them")
        h.boss.presence("boris", "signed_out")
        h.boss.post("mass_events/outage/stop")
        row = wait_until(lambda: report(h) and report(h)["to_at"] and report(h)["bulletins"] == 3 and report(h), 5, "a report")
        assert row["mass_event"] == "outage" and row["queues"] == ["support"], row
        assert (row["started_by"], row["stopped_by"]) == ("olga", "olga"), row
        assert row["offered"] == 2 and row["bulletins"] == 3, row
        assert row["waiting_peak"] == 3, row
        second.bye()
        third.bye()
        h.settled()
        row = report(h)
        ends = ["answered", "abandoned", "flow_out", "callbacks", "rejected", "failed", "waiting"]
        assert row["offered"] == sum(row[e] for e in ends), row


def test_a_place_is_kept_for_who_calls_again():
    with House(queue_more={"resume_s": 60}) as h:
        h.boss.presence("anna", "not_ready", "break")
        old = h.ring(user="+48601000001").wait_answer(3)
        h.boss.wait_waiting(1)
        time.sleep(0.5)
        other = h.ring(user="+48601000002").wait_answer(3)
        h.boss.wait_waiting(2)
        old.bye()
        h.boss.wait_waiting(1)
        h.server.kill("centrala-core")
        h.server.healthy(10)
        again = h.ring(user="+48601000001").wait_answer(5)
        live = h.boss.wait_waiting(2, seconds=10)
        place = {c["id"]: c["position"] for c in h.boss.live()["contacts"]}
        mine = next(c["id"] for c in h.boss.contacts()
                    if c["from"] == "+48601000001" and not c["ended_at"])
        assert place[mine] == 1, (place, live)
        # another priority ranks at once; only supervisors say so
        theirs = h.contact_of(other)
        h.boss.post(f"contacts/{theirs}/prioritise", {"priority_min": 30})
        place = {c["id"]: c["position"] for c in h.boss.live()["contacts"]}
        assert place[theirs] == 1, place
        anna = h.server.login("anna", "anna-secret-1")
        anna.post(f"contacts/{mine}/prioritise", {"priority_min": 99}, expect=403)
        again.bye()
        other.bye()
        h.settled()


def test_why_nobody_comes():
    with House() as h:
        h.boss.presence("anna", "not_ready", "break")
        call = h.ring().wait_answer(3)
        contact = h.contact_of(call)
        h.boss.wait_waiting(1)
        why = h.boss.get(f"contacts/{contact}/why")["items"]
        assert len(why) == 1 and why[0]["now"] and why[0]["queue"] == "support", why
        refused = {c["agent"]: c["refused"] for c in why[0]["candidates"]}
        assert refused == {"anna": "not_ready", "boris": "signed_out"}, refused
        assert h.boss.live()["unmeetable"] is False
        h.boss.presence("anna", "signed_out")
        assert h.boss.live()["unmeetable"] is True
        call.bye()
        h.settled()
        why = h.boss.get(f"contacts/{contact}/why")["items"]
        assert len(why) == 1 and why[0]["agent"] is None and "now" not in why[0], why
        assert why[0]["refused"] == {"signed_out": 2}, why


def test_reasons_have_limits_and_need_approval():
    reasons = [{"kind": "reason", "tenant": "acme", "id": "training", "approval": True}]
    with House(objects=reasons) as h:
        anna = h.server.login("anna", "anna-secret-1")
        anna.post("agents/anna/presence", {"presence": "not_ready", "reason": "training"},
                  expect=403)
        anna.post("agents/anna/presence", {"presence": "not_ready"}, expect=400)
        h.boss.presence("anna", "not_ready", "training")
        h.boss.presence("anna", "not_ready", "break")  # 15 minutes
        agent = h.boss.agent("anna")
        assert agent["reason_until_at"] and agent["reason_over"] is False, agent
        told = [e for e in h.boss.get("events?limit=500")["items"] if e["event"] in ("alarm", "approval_asked")]
        assert [(e["event"], e.get("reason")) for e in told] == [("approval_asked", "training")], told


def test_wrap_up_is_made_longer():
    with House(queue_more={"wrap_s": 2, "wrap_extend_s": 2, "wrap_extensions": 1}) as h:
        anna = h.server.login("anna", "anna-secret-1")
        call, _, contact = h.talk()
        call.bye()
        h.boss.wait_work("anna", "wrapping")
        anna.post(f"contacts/{contact}/wrap", {"extend": True})
        anna.post(f"contacts/{contact}/wrap", {"extend": True}, expect=409)
        h.boss.wait_work("anna", "idle", 8)
        near(between(h, contact, "wrap_start", "wrap_end"), 4.0, 1.0, "four seconds of wrap-up")
        h.settled()


def test_a_flow_names_the_agents_a_caller_should_have():
    flow = {"kind": "flow", "tenant": "acme", "id": "mine", "start": "mark", "nodes": {
        "mark": {"do": "set", "var": "keeper", "value": "boris", "next": "wait"},
        "wait": {"do": "queue", "queue": "support", "agent_var": "keeper",
                 "agents": {"anna": 10}, "agents_wait_s": 3}}}
    number = {"kind": "number", "tenant": "acme", "id": "+48221000002", "flow": "mine"}
    with House(objects=[flow, number]) as h:
        h.boss.ready("anna")  # idle for longer
        time.sleep(0.1)
        h.boss.ready("boris")
        call = h.ring("+48221000002").wait_answer(3)
        phone = h.phones.wait_call(3)
        assert phone.user == "boris", phone.user
        phone.reject(603, "Decline")
        phone = h.phones.wait_call(8)
        assert phone.user == "anna", phone.user
        phone.ring()
        call.bye()
        phone.wait_over(3)
        h.settled()


def test_a_queue_node_asks_for_skills_of_its_own():
    """Two agents with different levels: the node picks the one whom the queue would not."""
    flow = {"kind": "flow", "tenant": "acme", "id": "polish", "start": "wait", "nodes": {
        "wait": {"do": "queue", "queue": "support",
                 "skills": [{"after_s": 0, "need": "polish >= 50"},
                            {"after_s": 4, "need": "billing >= 3"}]}}}
    number = {"kind": "number", "tenant": "acme", "id": "+48221000002", "flow": "polish"}
    skill = {"kind": "skill", "tenant": "acme", "id": "polish"}
    with House(objects=[skill, flow, number],
               queue_more={"skills": [{"after_s": 0, "need": "billing >= 3"}]}) as h:
        admin = h.server.login("adam", "adam-secret-1")
        boris = admin.get("users/boris")
        boris.pop("version", None)
        boris["skills"] = {"polish": 80}
        admin.put("users/boris", boris)
        # a flow names it
        refused = admin.ask("DELETE", "skills/polish", None, 409)
        assert "flow/polish" in refused.body.decode(), refused
        h.boss.ready("anna")  # idle for longer
        time.sleep(0.1)
        h.boss.ready("boris")
        mine = h.ring("+48221000002").wait_answer(3)
        phone = h.phones.wait_call(3)
        assert phone.user == "boris", phone.user
        contact = h.contact_of(mine)
        plain = h.ring("+48221000001").wait_answer(3)
        other = h.phones.wait_call(3)
        assert other.user == "anna", other.user
        why = h.boss.get(f"contacts/{contact}/why")["items"]
        assert why[0]["agent"] == "boris" and why[0]["need"] == "polish >= 50", why
        other.ring()
        phone.ring()
        plain.bye()
        other.wait_over(3)
        mine.bye()
        phone.wait_over(3)
        # nobody signed in speaks it: told at once, and less is enough in its time
        h.boss.presence("boris", "signed_out")
        mine = h.ring("+48221000002", user="+48601000002").wait_answer(3)
        h.boss.wait_waiting(1)
        phone = h.phones.wait_call(8)
        assert phone.user == "anna", phone.user
        near(between(h, h.contact_of(mine), "enqueue", "offer"), 4.0, 1.0, "four seconds until less is enough")
        phone.ring()
        mine.bye()
        phone.wait_over(3)
