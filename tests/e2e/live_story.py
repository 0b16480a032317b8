"""One story with a bit of everything that desks see, over the real server: who is rung, talks, holds, consults, confers,
parks, listens in, calls out, is killed meanwhile. `python3 live_story.py FILE` writes its events: that is how
tests/data/live_events.jsonl was made, which live/ and the browser's fold are both tested with."""
import json
import sys
import time

from harness import House, wait_until

SARA = {"kind": "user", "tenant": "acme", "id": "sara", "name": "Sara Super", "roles": ["supervisor", "agent"],
        "password": "sara-secret-1", "sip_password": "sara-sip-1", "queues": ["support"],
        "skills": {"billing": 1}}
LATE = {"kind": "queue", "tenant": "acme", "id": "late", "name": "Late", "strategy": "longest_idle", "wrap_s": 2}
CLARA = {"kind": "user", "tenant": "acme", "id": "clara", "name": "Clara", "roles": ["agent"],
         "password": "clara-secret-1", "sip_password": "clara-sip-1", "queues": ["late"]}


TALKS = {"kind": "alert", "tenant": "acme", "id": "talks", "name": "Somebody talks", "measure": "talking", "above": 0,
         "level": "critical"}


def people(phone_port):
    """Beside anna and boris of `support`."""
    return [LATE, *({**u, "phone": {"kind": "sip", "contact": f"sip:{u['id']}@127.0.0.1:{phone_port}"}}
                    for u in (SARA, CLARA))]


def do(h, contact, verb, user="anna", **body):
    return h.server.login(user).post(f"contacts/{contact}/{verb}", body)


def pick_up(h, user):
    phone = h.phones.wait_call(6)
    while phone.user != user:  # rung for somebody who has hung up since
        phone = h.phones.wait_call(6)
    phone.ring()
    phone.accept()
    phone.established.wait(3)
    return phone


def state(h, contact, want):
    return h.boss.wait_contact(contact, lambda c: c["state"] == want, 6, want)


def told(h, contact, event):
    wait_until(lambda: event in [e["event"] for e in h.boss.events(contact)], 6, event)


def consulting(h, contact, phone):
    """anna holds, consults boris, swaps, and they all talk; the core dies in the midst."""
    do(h, contact, "hold")
    state(h, contact, "held")
    do(h, contact, "resume")
    do(h, contact, "record_pause")
    do(h, contact, "record_resume")
    h.boss.ready("boris")
    do(h, contact, "consult", to={"agent": "boris"})
    boris = pick_up(h, "boris")
    do(h, contact, "swap")
    h.server.kill("centrala-core")
    h.server.healthy()
    do(h, contact, "swap")
    do(h, contact, "conference")
    do(h, contact, "mute", who="customer")
    do(h, contact, "unmute", who="customer")
    phone.bye()
    h.boss.wait_work("anna", "idle")
    return boris


def listening(h, contact, boris):
    """sara listens, whispers, barges in and takes over from boris, who had been alone with the customer."""
    h.boss.presence("sara", "ready")
    do(h, contact, "monitor", "sara", mode="listen")
    sara = pick_up(h, "sara")
    told(h, contact, "monitor_start")
    do(h, contact, "monitor", "sara", mode="whisper")
    do(h, contact, "monitor", "sara", mode="barge")
    do(h, contact, "take_over", "sara")
    boris.wait_over(3, by="them")
    h.boss.wait_work("boris", "idle")
    return sara


def numbers(h, contact):
    """sara invites a number, sends the customer to another queue, clara parks him, anna picks him up."""
    do(h, contact, "conference", "sara", to={"number": "+48601602603"})
    far = h.carrier.wait_call(5)
    far.ring()
    far.accept()
    far.established.wait(3)
    told(h, contact, "dial_answer")
    far.bye()
    told(h, contact, "dial_end")
    h.boss.ready("clara")
    do(h, contact, "transfer", "sara", to={"queue": "late"})
    clara = pick_up(h, "clara")
    state(h, contact, "talking")
    do(h, contact, "park", "clara")
    clara.wait_over(3, by="them")
    h.boss.presence("anna", "not_ready", "break")
    h.boss.ready("anna")
    do(h, contact, "accept", "anna")
    return pick_up(h, "anna")


def supervised(h, contact):
    """anna wants help twice; messages are sent and read; an alert begins, is looked after and ends."""
    do(h, contact, "help", text="he shouts")
    h.server.login("anna").ask("DELETE", f"contacts/{contact}/help", None, 200)
    do(h, contact, "help")
    for to in ({"all": True}, {"queue": "support"}, {"agent": "clara"}, {"queue": "late"}):
        sent = h.boss.post("messages", {"to": to, "text": "ten more minutes", "urgent": "queue" in to}, expect=201)
        if "queue" in to:
            h.server.login("anna").post(f"messages/{sent['id']}/read", {})
    h.server.apply({"objects": [TALKS]})
    wait_until(lambda: h.boss.ask("POST", "alerts/talks/acknowledge", {}, (200, 409)).status == 200, 10, "an alert")
    h.server.apply({"objects": [{**TALKS, "above": 50}]})
    wait_until(lambda: h.boss.ask("POST", "alerts/talks/acknowledge", {}, (200, 409)).status == 409, 10, "it ends")
    h.server.apply({"objects": [TALKS]})
    wait_until(lambda: h.boss.ask("POST", "alerts/talks/acknowledge", {}, (200, 409)).status == 200, 10, "again")


def story(h):
    h.boss.ready("anna")
    waiting = h.ring("+48221000000", user="+48601000009").wait_answer()
    call = h.ring(user="+48601000001").wait_answer()
    phone = pick_up(h, "anna")
    contact = h.contact_of(call)
    state(h, contact, "talking")
    h.boss.presence("anna", "not_ready", "break")
    h.boss.presence("anna", "ready")
    supervised(h, contact)
    boris = consulting(h, contact, phone)
    listening(h, contact, boris)
    second = h.ring(user="+48601000002").wait_answer()  # waits for anna, who says no
    refused = h.phones.wait_call(6)
    refused.ring()
    h.server.login(refused.user).post(f"contacts/{h.contact_of(second)}/reject", {})
    other = h.phones.wait_call(6)
    other.ring()
    second.bye()
    third = h.ring(user="+48601000003").wait_answer()
    served = h.phones.wait_call(6)
    served.ring()
    fourth = h.ring(user="+48601000004").wait_answer()
    last = h.phones.wait_call(6)
    last.ring()
    fifth = h.ring(user="+48601000005").wait_answer()  # both are rung: this one waits
    h.boss.post(f"contacts/{h.contact_of(fifth)}/prioritise", {"priority_min": 5})
    for caller in (third, fourth, fifth):
        caller.bye()
    anna = numbers(h, contact)
    call.bye()
    anna.wait_over(3, by="them")
    waiting.bye()
    h.boss.wait_ended(contact, 10)
    outbound(h)


def outbound(h):
    """anna calls a number, and a colleague."""
    h.boss.wait_work("anna", "idle", 8)
    c = h.server.login("anna").post("calls", {"to": "+48601602604"}, expect=201)
    pick_up(h, "anna")
    far = h.carrier.wait_call(5)
    far.ring()
    far.accept()
    far.established.wait(3)
    state(h, c["id"], "talking")
    do(h, c["id"], "end")
    h.boss.wait_ended(c["id"], 10)
    h.boss.wait_work("anna", "idle", 8)
    h.boss.wait_work("boris", "idle", 8)
    c = h.server.login("anna").post("calls", {"to": "boris"}, expect=201)
    pick_up(h, "anna")
    pick_up(h, "boris")
    state(h, c["id"], "talking")
    do(h, c["id"], "hold", "boris")
    state(h, c["id"], "held")
    do(h, c["id"], "resume", "boris")
    do(h, c["id"], "end", "boris")
    h.boss.wait_ended(c["id"], 10)


def main(path):
    with House(queue_more={"wrap_s": 1}) as h:
        h.server.apply({"objects": people(h.phones.port)})
        story(h)
        time.sleep(1)
        items, after = [], 0
        while True:
            page = h.boss.get(f"events?limit=500&after={after}")
            items += page["items"]
            if not page["next"]:
                break
            after = page["items"][-1]["seq"]
    with open(path, "w") as f:
        f.writelines(json.dumps(i, separators=(",", ":"), ensure_ascii=False) + "\n" for i in items)
    print(len(items), "events")


if __name__ == "__main__":
    main(sys.argv[1])
