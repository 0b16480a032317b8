"""Reports that people keep, and that are mailed at their time: a real mail server reads them back."""
import csv
import io
import time
import zoneinfo
from datetime import datetime

from harness import Server, site, wait_until
from mailserver import Mailbox

ZONE = zoneinfo.ZoneInfo("Europe/Warsaw")
ALLOWED = {"allow": ["@acme.test", "boss@example.org"]}


def house(box, **more):
    made = site(5062, 5064)
    made["objects"][0]["mail"] = ALLOWED
    return Server(made, {"mail.smtp": box.url if box else "", "mail.from": "centrala@acme.test", **more})


def saved(**more):
    return {"report": "queues", "name": "Kolejki wczoraj «ż»", "query": {"period": "today", "interval_s": 0},
            "columns": ["queue", "offered", "sl"], **more}


def schedule(**more):
    """Not due while the test runs, whenever that is."""
    at = datetime.fromtimestamp(time.time() + 12 * 3600, ZONE).strftime("%H:%M")
    return {"every": "day", "at": at, "format": "csv", "lang": "pl", "to": ["boss@example.org"], **more}


def path(name, rest=""):
    return f"/api/v1/tenants/acme/saved_reports/{name}{rest}"


def test_who_keeps_and_sees_reports():
    with Mailbox() as box, house(box) as s:
        olga, adam, wera = s.login("olga"), s.login("adam"), s.login("wera")
        assert olga.put("saved_reports/mine", saved())["owner"] == "olga"
        olga.put("saved_reports/ours", saved(shared=True))
        names = lambda who: [i["id"] for i in who.get("saved_reports")["items"]]
        assert names(olga) == ["mine", "ours"] and names(adam) == ["mine", "ours"], names(adam)
        assert names(wera) == ["ours"], names(wera)  # a private one is not there
        wera.ask("GET", path("mine"), expect=404)
        wera.ask("GET", path("mine", "/versions"), expect=404)
        wera.ask("GET", path("mine", "/runs"), expect=404)
        wera.ask("PUT", path("hers"), saved(), expect=403)
        wera.ask("DELETE", path("ours"), expect=403)
        s.login("anna").ask("GET", "/api/v1/tenants/acme/saved_reports", expect=403)
        adam.put("saved_reports/his", saved())
        olga.ask("PUT", path("his"), saved(), expect=404)  # private: as if it were not there
        adam.put("saved_reports/his", saved(shared=True))
        olga.ask("PUT", path("his"), saved(), expect=403)
        olga.ask("DELETE", path("his"), expect=403)
        olga.ask("POST", path("his", "/send"), {}, expect=403)
        assert adam.put("saved_reports/mine", saved(name="Other"))["owner"] == "olga"
        assert [v["by"] for v in olga.get("saved_reports/mine/versions")["items"]] == ["olga", "adam"]
        bad = [(saved(query={"period": "soon"}), "query.period"), (saved(columns=["nothing"]), "columns"),
               (saved(report="nothing"), "report"),
               (saved(schedule=schedule(to=["eve@evil.example"])), "schedule.to"),
               (saved(schedule=schedule(to=["a@acme.test\r\nBcc: eve@evil.example"])), "schedule"),
               (saved(schedule=schedule(weekdays=["mon"])), "schedule"),
               (saved(owner="adam"), "owner")]
        for doc, where in bad:
            answer = olga.ask("PUT", path("mine"), doc, expect=400)
            assert any(where in e["path"] for e in answer.json["errors"]), (where, answer.body)
        olga.ask("PUT", path("mine"), saved(schedule=schedule(to=["Anyone@ACME.test"])))
        olga.ask("DELETE", path("mine"), expect=204)
        assert names(olga) == ["his", "ours"]
    with house(None) as s:  # no mail server is set: said at once, not at seven in the morning
        answer = s.login("olga").ask("PUT", path("mine"), saved(schedule=schedule()), expect=409)
        assert "mail.smtp" in answer.json["detail"], answer.body


test_who_keeps_and_sees_reports.seconds = 60


def attachment(mail):
    parts = list(mail.iter_attachments())
    assert len(parts) == 1, mail
    return parts[0].get_filename(), parts[0].get_content_type(), parts[0].get_content()


def content(part):
    return part if isinstance(part, bytes) else part.encode("utf-8")


def test_a_report_is_mailed_now():
    with Mailbox() as box, house(box) as s:
        olga = s.login("olga")
        for form, kind, begins in (("csv", "text/csv", b"\xef\xbb\xbf"), ("pdf", "application/pdf", b"%PDF-"),
                                   ("xlsx", "application/vnd", b"PK\x03\x04")):
            olga.put("saved_reports/r", saved(schedule=schedule(format=form, to=["boss@example.org", "a@acme.test"])))
            olga.ask("POST", path("r", "/send"), {})
            name, type_, data = attachment(box.mails[-1])
            assert name.startswith("queues-") and name.endswith(form) and type_.startswith(kind), (name, type_)
            assert content(data).startswith(begins), content(data)[:20]
        mail = box.mails[0]
        assert mail["subject"] == "Kolejki wczoraj «ż»" and mail["from"] == "centrala@acme.test", mail.items()
        assert mail["to"] == "boss@example.org, a@acme.test" and mail["auto-submitted"], mail.items()
        assert box.recipients[0] == ["boss@example.org", "a@acme.test"], box.recipients
        assert len({m["message-id"] for m in box.mails}) == 3 and mail["date"], box.mails
        runs = olga.get("saved_reports/r/runs")["items"]
        assert [r["state"] for r in runs] == ["sent"] * 3 and runs[0]["to"] == "boss@example.org,a@acme.test", runs
        rows = list(csv.reader(io.StringIO(content(attachment(box.mails[0])[2]).decode("utf-8-sig"))))
        assert rows[0] == ["Kolejka", "Wejścia", "Poziom obsługi"], rows
        # refused for good, and not there at all: told to who asked, kept, and an alarm
        box.answer = "550 go away"
        answer = olga.ask("POST", path("r", "/send"), {}, expect=409)
        assert "550" in answer.json["detail"], answer.body
        box.close()
        olga.ask("POST", path("r", "/send"), {}, expect=409)
        runs = olga.get("saved_reports/r/runs")["items"]
        assert [r["state"] for r in runs[:2]] == ["failed"] * 2 and runs[1]["why"], runs
        told = olga.get("events?after=0&limit=500")["items"]
        assert [e for e in told if e["event"] == "alarm" and e["name"] == "report_not_sent"], told[-5:]
        assert len([e for e in told if e["event"] == "report_sent"]) == 3
        # its owner may no more read reports: nothing leaves
        box.open()
        box.answer = None
        adam = s.login("adam")
        user = {k: v for k, v in adam.get("users/olga").items() if k != "version"}
        adam.put("users/olga", {**user, "roles": ["agent"]})
        answer = adam.ask("POST", path("r", "/send"), {}, expect=409)
        assert "owner" in answer.json["detail"] and len(box.mails) == 3, answer.body


test_a_report_is_mailed_now.seconds = 60


def next_minute():
    """On the tenant's clock, at least some seconds away."""
    return datetime.fromtimestamp((int(time.time() + 15) // 60 + 1) * 60, ZONE)


def test_a_scheduled_report_comes_exactly_once():
    with Mailbox() as box, house(box) as s:
        olga = s.login("olga")
        due = next_minute()
        at = due.strftime("%H:%M")
        box.answer = "451 later"  # the first attempt fails: a minute later it is tried again
        olga.put("saved_reports/daily", saved(schedule=schedule(at=at)))
        past = datetime.fromtimestamp(time.time() - 3600, ZONE).strftime("%H:%M")
        olga.put("saved_reports/past", saved(schedule=schedule(at=past)))  # was due before it was declared
        other = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
        other.remove(other[due.weekday()])
        not_today = schedule(at=at, weekdays=other)
        del not_today["every"]
        olga.put("saved_reports/other", saved(schedule=not_today))
        wait_until(lambda: box.tries == 1, 120, "it is due")
        wait_until(lambda: olga.get("saved_reports/daily/runs")["items"], 5, "the failure is stored")
        run = olga.get("saved_reports/daily/runs")["items"][0]
        assert run["state"] == "retrying" and run["attempt"] == 1 and "451" in run["why"], run
        box.answer = None
        s.kill("centrala-core")
        s.healthy(20)
        wait_until(lambda: box.mails, 120, "it is tried again, by the next life")
        wait_until(lambda: olga.get("saved_reports/daily/runs")["items"][0]["state"] == "sent", 5, "stored")
        run = olga.get("saved_reports/daily/runs")["items"][0]
        assert run["attempt"] == 2 and run["due_at"][14:16] == at[3:], run
        s.kill("centrala-core")
        s.healthy(20)
        time.sleep(8)  # two looks
        s.stop()
        s.start()
        time.sleep(8)
        assert len(box.mails) == 1 and box.tries == 2, (len(box.mails), box.tries)
        olga = s.login("olga")
        assert not olga.get("saved_reports/past/runs")["items"]
        assert not olga.get("saved_reports/other/runs")["items"]


test_a_scheduled_report_comes_exactly_once.seconds = 260
test_a_scheduled_report_comes_exactly_once.waits = True
