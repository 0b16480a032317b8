"""One caller, several phones: ring_all, and the agent who knows the caller (behaviours.md Q-4)."""
import time

from harness import CUSTOMER, House, wait_until

ALL = {"strategy": "ring_all", "ring_s": 20}


def both_ring(h, user="+48601000001"):
    """A caller, and the calls at the phones of anna and boris, by name."""
    call = h.ring(user=user).wait_answer(3)
    phones = {p.user: p.ring() for p in (h.phones.wait_call(3), h.phones.wait_call(3))}
    assert set(phones) == {"anna", "boris"}, phones
    return call, phones["anna"], phones["boris"]


def soon(what):
    """Q-4, Q-6: what() tells after how many seconds the last telephone was quiet: 200 ms at most, in one of three tries, since
    the machine itself may falter."""
    took = []
    while not took or (min(took) > 0.2 and len(took) < 3):
        took.append(what(f"+486010000{len(took)}1"))
    assert min(took) <= 0.2, f"a telephone rang on for {took} s"


def results(h, contact):
    return {e["agent"]: e["result"] for e in h.boss.events(contact)
            if e["event"] == "offer_end"}


def test_ring_all_first_answer_wins():
    with House(queue_more=ALL) as h:
        h.boss.ready("anna", "boris")

        def first_wins(user):
            call, anna, boris = both_ring(h, user)
            contact = h.contact_of(call)
            time.sleep(0.3)
            boris.accept()
            boris.established.wait(3)
            anna.wait_over(2, by="them")
            h.boss.wait_contact(contact, lambda c: c["state"] == "talking", 3, "they talk")
            boris.sound.wait_for(CUSTOMER, 3)
            idle = h.boss.wait_work("anna", "idle", 3)
            assert idle["presence"] == "ready", idle
            assert results(h, contact) == {"anna": "answered_elsewhere", "boris": "accepted"}
            second = h.ring(user="+48601000002").wait_answer(3)  # no exclusion, no penalty
            phone = h.phones.wait_call(3)
            assert phone.user == "anna", phone.user
            phone.ring().accept()
            h.boss.wait_work("anna", "talking")
            call.bye()
            second.bye()
            boris.wait_over(2, by="them")
            for agent in ("anna", "boris"):
                h.boss.wait_work(agent, "idle")
            return max(anna.over_at - boris.accepted_at, abs(anna.arrived_at - boris.arrived_at))  # rings at once, too
        soon(first_wins)
        h.settled()


def test_ring_all_answered_twice_at_once():
    with House(queue_more=ALL) as h:
        h.boss.ready("anna", "boris")
        call, anna, boris = both_ring(h)
        contact = h.contact_of(call)
        with h.phones.guard:  # before any CANCEL can be here
            anna.accept()
            boris.accept()
        wait_until(lambda: anna.over.is_set() or boris.over.is_set(), 3, "one of them is let go")
        lost, won = (anna, boris) if anna.over.is_set() else (boris, anna)
        assert lost.over_by == "them" and not won.over.is_set()
        h.boss.wait_work(won.user, "talking")
        h.boss.wait_work(lost.user, "idle")
        assert results(h, contact) == {won.user: "accepted", lost.user: "answered_elsewhere"}
        won.bye()
        call.wait_over(5)
        h.settled()


def test_ring_all_caller_hangs_up():
    with House(queue_more=ALL) as h:
        h.boss.ready("anna", "boris")

        def both_stop(user):
            call, anna, boris = both_ring(h, user)
            contact = h.contact_of(call)
            at = time.monotonic()
            call.bye()
            for phone in (anna, boris):
                phone.wait_over(2, by="them")
                h.boss.wait_work(phone.user, "idle")
            assert set(results(h, contact).values()) == {"cancelled_by_caller"}
            return max(anna.over_at, boris.over_at) - at
        soon(both_stop)
        h.settled()


def test_ring_all_everybody_refuses_for_himself():
    with House(queue_more=ALL) as h:
        h.boss.ready("anna", "boris")
        call, anna, boris = both_ring(h)
        contact = h.contact_of(call)
        anna.reject(603, "Decline")
        wait_until(lambda: results(h, contact) == {"anna": "rejected"}, 3, "anna's refusal is told")
        assert not boris.over.is_set() and h.boss.agent("boris")["work"] == "offered"
        boris.accept()
        h.boss.wait_work("boris", "talking")
        call.bye()
        h.settled()


def test_ring_all_goes_on_after_the_core_died():
    with House(queue_more=ALL) as h:
        h.boss.ready("anna", "boris")
        call, anna, boris = both_ring(h)
        contact = h.contact_of(call)
        h.server.kill("centrala-core")
        again = {p.user: p.ring() for p in (h.phones.wait_call(10), h.phones.wait_call(10))}
        assert set(again) == {"anna", "boris"}, again
        for phone in (anna, boris):
            phone.wait_over(5, by="them")  # with the branch of the old INVITE
        again["anna"].accept()
        again["boris"].wait_over(2, by="them")
        h.boss.wait_work("anna", "talking", 10)
        h.boss.wait_work("boris", "idle")
        assert results(h, contact) == {"boris": "answered_elsewhere", "anna": "accepted"}
        call.bye()
        h.settled()


def test_a_caller_gets_the_agent_who_knows_him():
    with House(queue_more={"sticky_s": 30, "wrap_s": 0}) as h:
        call, phone, _ = h.talk()  # with anna
        call.bye()
        h.boss.ready("boris")
        h.boss.wait_work("anna", "idle")
        h.boss.presence("boris", "signed_out")
        h.boss.ready("boris")
        stranger = h.ring(user="+48601000009").wait_answer(3)
        first = h.phones.wait_call(3).ring()  # whoever idled for longer
        stranger.bye()
        first.wait_over(2)
        h.boss.wait_work(first.user, "idle")
        for _ in range(2):  # anna each time, though she has just talked
            call = h.ring().wait_answer(3)
            phone = h.phones.wait_call(3)
            assert phone.user == "anna", phone.user
            phone.ring().accept()
            h.boss.wait_work("anna", "talking")
            call.bye()
            h.boss.wait_work("anna", "idle")
        h.boss.presence("anna", "signed_out")
        call = h.ring().wait_answer(3)
        phone = h.phones.wait_call(3).ring()
        assert phone.user == "boris", phone.user
        call.bye()
        h.settled()
