"""A queue, a flow or a number is tried from its page: my own telephone is called, I am its caller, my keys lead on (issue 6, 3)."""
from desk import DeskHouse, desk_user
from harness import wait_until


def test_call_me_walks_the_flow_from_queue_flow_and_number():
    adela = desk_user("adela", "Adela Test", roles=["admin", "agent"])
    with DeskHouse(at_desks=(), agents=("boris",), objects=(adela,)) as h, h.desk("adela") as d:
        d.goto("/admin/queues/support?tab=try")  # by which numbers its callers come
        d.see_role("button", "Call me by +48 221 000 000")
        d.see_role("button", "Call me by +48 221 000 001")
        d.goto("/flows/main")
        d.click("tab", "Simulator")
        d.click("link", "+48 221 000 000")
        d.click("button", "Call me")

        def walks():
            mine = [c for c in h.boss.contacts() if c["direction"] != "inbound" or c.get("agent") == "adela"]
            return mine and any(e["event"] == "flow_step" and e["node"] == "menu" for e in h.boss.events(mine[0]["id"])) and mine[0]
        contact = wait_until(walks, 20, "the flow is walked")
        d.click("link", "Open the desk")
        d.see("Calling", 15)
        d.press("d")
        d.click("button", "9")
        wait_until(lambda: any(e["event"] == "flow_step" and e["node"] == "bye" for e in h.boss.events(contact["id"])), 8,
                   "the key leads to the end")
        h.boss.wait_contact(contact["id"], lambda c: c["state"] in ("wrapping", "ended"), 10, "it is over")

        # my own desk, from my own page: it rings, a voice is heard, it is over; my record says that it was a test
        h.boss.wait_work("adela", "idle")
        d.goto("/admin/users/adela?tab=try")
        d.click("button", "Ring me")
        d.see("It rings: accept, and listen.", 10)
        (test,) = [c for c in h.boss.contacts() if c.get("test")]
        wait_until(lambda: "Test call" in d.inside("document.title"), 15, "the title tells that it is a test")
        d.click("button", "Accept")
        d.see("You should hear a voice now.", 10)
        wait_until(lambda: max(d.hears(hz) for hz in (200, 300, 400, 500, 600)) > -55, 20, "a voice", 0.05)
        d.click("button", "Hang up")
        d.see("The test is over.", 10)
        d.goto(f"/contacts/{h.boss.wait_ended(test['id'])['id']}")
        d.see("Test call", 10)
        d.quiet_page(also=("404",))


test_call_me_walks_the_flow_from_queue_flow_and_number.seconds = 120
