"""The supervisor's board (docs/api.md Board): figures each second, the same as the reports'."""
import datetime
import time
import zoneinfo

from harness import House, clear_of_edge, wait_until
from live import Desk
from live_story import people, story

ROW = {"queue", "today", "half_hour", "spark", "staffed", "ewt_ms", "expected_15min"}


def utc(ms_ago=0):
    now = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(milliseconds=ms_ago)
    return now.strftime("%Y-%m-%dT%H:%M:%S.") + f"{now.microsecond // 1000:03d}Z"


def report(api, since):
    """reports/queues of one range as a whole, by queue, without what is no figure."""
    rows = api.get(f"reports/queues?from={since}&to={utc()}&interval_s=0")["items"]
    return {r.pop("queue"): {k: v for k, v in r.items() if k != "at"} for r in rows}


def midnight():
    """Of the tenant."""
    day = datetime.datetime.now(zoneinfo.ZoneInfo("Europe/Warsaw")).replace(hour=0, minute=0, second=0, microsecond=0)
    return day.astimezone(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.000Z")


def as_reports(desk, api):
    """Rows whose queue nobody ever came to are no report's."""
    rows = {q: r for q, r in desk.board().items() if q and r["today"]["offered"]}
    return {q: r["today"] for q, r in rows.items()} == report(api, midnight()) and \
        {q: r["half_hour"] for q, r in rows.items() if r["half_hour"]["offered"]} == report(api, utc(1800000))


def moment(text):
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp() * 1000


def occupancy(desk, agent):
    """Of his day so far, to the moment of the newest message; None: nothing to be occupied in."""
    day = [a for _, b in desk.boards for a in b.get("agents", []) if a["agent"] == agent][-1]
    since = max(0, moment(desk.boards[-1][1]["at"]) - moment(day["since"]))
    of = day["of_ms"] + (since if day["adds"] else 0)
    return (day["busy_ms"] + (since if day["adds"] == "busy" else 0)) / of if of else None


def occupied_as_reported(desk, api):
    """The report's moment is a little later than the board's."""
    rows = api.get(f"reports/agents?from={midnight()}&to={utc()}&interval_s=0")["items"]
    said = next(r["occupancy"] for r in rows if r["agent"] == "anna")
    return said and abs(said - occupancy(desk, "anna")) < 0.05


def test_board_counts_a_call():
    clear_of_edge(3600, 60)  # at midnight today's figures begin anew
    with House() as h, Desk(h.boss) as olga:
        assert olga.do("board", on=True) == {"on": True}
        wait_until(lambda: olga.boards, 10, "a board")
        first = olga.boards[0][1]
        assert first["whole"] and set(first["queues"][0]) == ROW, first
        assert set(olga.board()) == {"support", None}
        zero = olga.board()["support"]
        assert zero["today"]["offered"] == 0 and zero["today"]["sl"] is None and zero["spark"] == [], zero
        assert zero["today"]["sl_variant"] == "sl_1", zero

        def quiet():
            news = [b for _, b in olga.boards[-2:]]
            return len(olga.boards) > 2 and not any(b["queues"] or "whole" in b for b in news)
        wait_until(quiet, 10, "nothing changes, and that is said")
        call, phone, contact = h.talk()

        def counted():
            board = olga.board()
            row = board["support"]
            return row["today"]["answered"] == 1 and (row["staffed"]["talking"], row["staffed"]["ready"]) == (1, 0) and \
                board[None]["today"]["offered"] == 1 and row["spark"][-1]["offered"] == 1
        wait_until(counted, 10, "answered")
        waits = h.ring(user="+48601000002").wait_answer()
        wait_until(lambda: olga.board()["support"]["today"]["waiting"] == 1, 10, "waiting")
        waits.bye()
        wait_until(lambda: olga.board()["support"]["today"]["abandoned"] == 1, 10, "abandoned")
        call.bye()
        h.boss.wait_work("anna", "idle", 8)
        wait_until(lambda: as_reports(olga, h.boss), 10, "live is historical")
        wait_until(lambda: occupied_as_reported(olga, h.boss), 10, "occupancy is, too")
        assert olga.do("board", on=False) == {"on": False}
        gaps = [moment(b["at"]) - moment(a["at"]) for (_, a), (_, b) in zip(olga.boards, olga.boards[1:])]
        assert min(gaps[1:]) > 500, gaps


def test_board_is_not_for_agents():
    with House() as h, Desk(h.server.login("anna")) as anna, Desk(h.boss) as olga:
        anna.do("board", 403, on=True)
        olga.do("board", 400, on="yes")
        olga.do("board", 400)
        time.sleep(1.2)
        assert not anna.boards and not olga.boards


def test_board_is_historical_after_a_story():
    """Real calls with holds, conferences, transfers, parking, the core's death; a board that was there and one that
    comes after it say what reports say."""
    with House() as h:
        h.server.apply({"objects": people(h.phones.port)})
        story(h)
        for user in ("sara", "boris"):
            h.boss.presence(user, "not_ready", "break")
        with Desk(h.boss) as early:
            early.do("board", on=True)
            wait_until(lambda: early.boards and as_reports(early, h.boss), 10, "filled: live is historical")
            call, phone, _ = h.talk(user="+48601000077")
            with Desk(h.boss) as late:
                late.do("board", on=True)
                wait_until(lambda: late.boards and as_reports(late, h.boss), 10, "in a call")
                phone.bye()
                call.wait_over(by="them")
                for desk in (early, late):
                    wait_until(lambda d=desk: as_reports(d, h.boss), 10, "kept: live is historical")
                h.server.apply({"objects": [{"kind": "queue", "tenant": "acme", "id": "support", "name": "Support",
                                             "strategy": "longest_idle", "threshold_s": 1, "wrap_s": 1,
                                             "formulas": {"sl": "sl_4"}}]})
                wait_until(lambda: late.board()["support"]["today"]["sl_variant"] == "sl_4", 10, "other formulas")
                wait_until(lambda: as_reports(late, h.boss), 10, "with other formulas")


def test_board_outlives_the_core():
    clear_of_edge(3600, 60)
    with House() as h:
        call, phone, contact = h.talk()
        with Desk(h.boss) as olga:
            olga.do("board", on=True)
            wait_until(lambda: olga.boards, 10, "a board")
            h.server.kill("centrala-core")
            h.server.healthy()
        with Desk(h.boss) as olga:
            olga.do("board", on=True)
            wait_until(lambda: olga.boards and olga.board()["support"]["staffed"]["talking"] == 1, 10, "it goes on")
            phone.bye()
            call.wait_over(by="them")
            wait_until(lambda: olga.board()["support"]["today"]["handled"] == 1, 10, "handled")
            wait_until(lambda: as_reports(olga, h.boss), 10, "live is historical")
