"""What goes through the sound itself: keys, prompts, recordings, what a bad net does."""
import time

from harness import House, wait_until


CODE_FLOW = [
    {"kind": "number", "tenant": "acme", "id": "+48221000002", "flow": "code"},
    {"kind": "prompt", "tenant": "acme", "id": "code", "text": {"en": "Your code please."}},
    {"kind": "flow", "tenant": "acme", "id": "code", "start": "ask", "nodes": {
        "ask": {"do": "collect", "prompt": "code", "min": 1, "max": 12, "terminator": "#",
                "var": "code", "timeout_s": 4, "next": "look", "else": "nothing"},
        "look": {"do": "branch", "if": [{"when": "var.code == \"1122907*\"", "next": "right"}],
                 "else": "wrong"},
        "right": {"do": "hangup"}, "wrong": {"do": "hangup"}, "nothing": {"do": "hangup"}}}]


def reached(h, call):
    """The last node of the flow, when it is over."""
    contact = h.contact_of(call)
    call.wait_over(12, by="them")
    h.boss.wait_ended(contact)
    steps = [e["node"] for e in h.boss.events(contact) if e["event"] == "flow_step"]
    return steps[-1]


def dial_code(h, press, **more):
    call = h.ring("+48221000002", "+48601000003", **more)
    call.wait_answer(3)
    call.sound.wait_loud(6)
    time.sleep(0.3)
    for digit in "1122907*#":
        press(call, digit)
    return reached(h, call)


def test_keys_in_the_sound():
    """A telephone whose SDP knows no telephone-event presses keys during the prompt; none doubles."""
    with House(objects=CODE_FLOW) as h:
        assert dial_code(h, lambda c, d: c.press_in_band(d), event_pt=None) == "right"


def test_keys_in_the_sound_though_events_were_agreed():
    with House(objects=CODE_FLOW) as h:
        assert dial_code(h, lambda c, d: c.press_in_band(d, 50)) == "right"


def test_keys_as_sound_and_as_event_count_once():
    """A gateway that lets the beginning of each tone through before its RFC 4733 packets."""
    def leak(call, digit):
        call.press_in_band(digit, 60)
        wait_until(lambda: not call.sound.played, 2, every=0.005)
        call.press(digit)
        wait_until(lambda: not call.sound.keys or call.over.is_set(), 2, every=0.005)
        time.sleep(0.08)
    with House(objects=CODE_FLOW) as h:
        assert dial_code(h, leak) == "right"


def test_keys_by_info():
    def info(kind):
        def press(call, digit):
            assert call.press_by_info(digit, kind) == 200
        return press
    with House(objects=CODE_FLOW) as h:
        assert dial_code(h, info("application/dtmf-relay"), event_pt=None) == "right"
        assert dial_code(h, info("application/dtmf"), event_pt=None) == "right"
