"""Reports as pages and files ask for them: compared, totalled, told by everything, exported."""
import csv
import datetime
import io
import os
import re
import subprocess
import tempfile
import time
import urllib.parse
import zipfile
import zoneinfo
from xml.etree import ElementTree

from harness import House, stamp, wait_until


def ask(boss, what, **more):
    query = {"from": stamp(time.time() - 3600), "to": stamp(time.time() + 3600), "interval_s": 0, **more}
    return boss.get(f"reports/{what}?{urllib.parse.urlencode(query)}")


def pages(boss, what, field, **more):
    items, after = [], None
    while True:
        page = ask(boss, what, list=field, limit=2, **more, **({"after": after} if after else {}))
        items += page["items"]
        after = page["next"]
        if not after:
            return items


def raw(boss, path):
    return boss.ask("GET", f"/api/v1/tenants/acme/{path}")


def one_day(seconds=90):
    """Reports of today are of one day: no test of them begins just before the tenant's midnight."""
    now = datetime.datetime.now(zoneinfo.ZoneInfo("Europe/Warsaw"))
    left = 86400 - (now.hour * 3600 + now.minute * 60 + now.second)
    if left <= seconds:
        time.sleep(left + 1)


def a_story(h):
    """Two answered, one given up, one of them called by a name that means ill."""
    one_day()
    h.boss.ready("anna")
    for user in ("+48601000501", "=cmd|calc"):
        call = h.ring(user=user).wait_answer(3)
        phone = h.phones.wait_call(3).ring()
        phone.accept()
        time.sleep(0.6)
        call.bye()
        wait_until(lambda: h.boss.get("agents/anna")["work"] == "idle", 8, "he is free again")
    h.boss.post("agents/anna/presence", {"presence": "not_ready", "reason": "break"})
    call = h.ring(user="+48601000503").wait_answer(3)
    time.sleep(0.5)
    call.bye()
    wait_until(lambda: ask(h.boss, "contacts", by="none")["items"][0]["contacts"] == 3
               and not ask(h.boss, "contacts", by="none")["items"][0]["open"], 8, "all are over")


def columns_open(boss, what, rows, names, **more):
    """K-3: every column that says so opens, and counts open into exactly that many."""
    told = {c["name"]: c for c in boss.get(f"reports/{what}/columns")["columns"]}
    opened = 0
    for row in rows:
        assert set(row) - set(told) <= {"view", "by", "passed_to", "left"}, set(row) - set(told)
        mine = {k: (row[k] if row[k] is not None else "") for k in names if k in row}
        for name, c in told.items():
            assert c["title"] and c["type"], c
            if not c["opens"]:
                continue
            items = pages(boss, what, name, **mine, **more)
            opened += 1
            if c["type"] == "count":
                assert len(items) == row[name], (what, row, name, len(items))
    return opened


def test_reports_compared_totalled_and_opened():
    with House(queue_more={"wrap_s": 0}) as h:
        a_story(h)
        boss = h.boss
        one = ask(boss, "queues", total="true", compare="previous_period")
        assert one["total"]["offered"] == 3 and one["total"]["queue"] is None, one["total"]
        assert one["time_zone"] == "Europe/Warsaw" and one["interval_s"] == 0, one
        assert one["compare"]["items"] == [] and one["compare"]["total"]["offered"] == 0, one["compare"]
        assert one["compare"]["total"]["sl"] is None  # T-5: nothing is not 100 %
        mine = one["items"][0]
        assert all(one["total"][k] == v for k, v in mine.items() if k not in ("queue", "at")), one
        both = ask(boss, "queues", group="none")["items"]
        assert len(both) == 1 and both[0]["queue"] is None and both[0]["offered"] == 3, both
        chosen = ask(boss, "queues", sl="sl_3", abandon="plain", threshold_s=0)["items"][0]
        assert chosen["sl_variant"] == "sl_3" and chosen["threshold_ms"] == 0, chosen
        assert chosen["sl"] == chosen["answered_in_threshold"] / 2 and round(chosen["abandon_rate"], 3) == 0.333, chosen
        done = chosen["answered_in_threshold"] + chosen["abandoned_in_threshold"]
        assert len(pages(boss, "queues", "sl", sl="sl_4", threshold_s=0, queue="support")) == done
        assert ask(boss, "queues", queue="support,nobody")["items"] == ask(boss, "queues")["items"]
        today = ask(boss, "queues", **{"period": "today", "from": "", "to": ""})
        assert today["to"] > today["from"], today
        boss.ask("GET", "/api/v1/tenants/acme/reports/queues?period=soon", expect=400)
        boss.ask("GET", "/api/v1/tenants/acme/reports/queues?compare=x", expect=400)
        boss.ask("GET", "/api/v1/tenants/acme/reports/queues?columns=x&format=csv", expect=400)
        agents = ask(boss, "agents", total="true")
        assert agents["total"]["handled"] == 2 and agents["total"]["agent"] is None, agents["total"]
        opened = columns_open(boss, "queues", one["items"], ("queue",))
        opened += columns_open(boss, "agents", agents["items"], ("agent",))
        for by in ("none", "direction", "channel", "outcome", "queue", "agent", "customer", "number",
                   "line", "ended_by", "hour", "weekday"):
            rows = ask(boss, "contacts", by=by, total="true")
            for r in rows["items"] + [rows["total"]]:
                parts = ("answered", "abandoned", "in_flow", "unanswered", "open")
                assert r["contacts"] == sum(r[p] for p in parts), r
            assert sum(r["contacts"] for r in rows["items"]) == rows["total"]["contacts"] == 3, rows
            opened += columns_open(boss, "contacts", rows["items"], ("by", "key"))
        opened += columns_open(boss, "flows", ask(boss, "flows")["items"], ("flow",))
        opened += columns_open(boss, "flow_nodes", ask(boss, "flow_nodes")["items"], ("flow", "node"))
        opened += columns_open(boss, "flow_paths", ask(boss, "flow_paths")["items"], ("flow", "path"))
        lines = ask(boss, "trunks", total="true")
        opened += columns_open(boss, "trunks", lines["items"], ("trunk",))
        assert lines["total"]["most"] == lines["items"][0]["most"] == 1, lines
        boss.ask("GET", "/api/v1/tenants/acme/reports/trunks?list=blocked", expect=400)
        # several by commas are answered together; nobody's are nothing
        for what, of in (("trunks", "trunk"), ("flows", "flow"), ("flow_nodes", "node")):
            everything = ask(boss, what, total="true")
            names = ",".join(["nobody"] + [r[of] for r in everything["items"]])
            some = ask(boss, what, total="true", **{of: names})
            assert (some["items"], some["total"]) == (everything["items"], everything["total"]), (everything, some)
            assert ask(boss, what, **{of: "nobody"})["items"] == []
        assert opened > 300, opened
        for lang in ("pl", "ru"):
            words = boss.get(f"reports/queues/columns?lang={lang}")["columns"]
            english = boss.get("reports/queues/columns")["columns"]
            assert [w["name"] for w in words] == [w["name"] for w in english]
            assert words[2]["title"] != english[2]["title"], words[2]
        boss.ask("GET", "/api/v1/tenants/acme/reports/nothing/columns", expect=404)
        h.settled()


test_reports_compared_totalled_and_opened.seconds = 300


def read_csv(answer):
    text = answer.body.decode("utf-8")
    assert text.startswith("\ufeff") and text.endswith("\r\n"), text[:40]
    return list(csv.reader(io.StringIO(text[1:], newline="")))


def test_csv_shows_what_the_page_shows():
    with House(queue_more={"wrap_s": 0}) as h:
        a_story(h)
        boss = h.boss
        got = raw(boss, "reports/queues?period=today&interval_s=0&format=csv&columns=queue,offered,sl,wait_max_ms")
        assert got.headers["content-type"].startswith("text/csv"), got.headers
        assert "attachment" in got.headers["content-disposition"], got.headers
        rows = read_csv(got)
        assert rows[0] == ["Queue", "Offered", "Service level", "Longest wait"], rows
        assert rows[1][0] == "support" and rows[1][1] == "3" and rows[1][2] == "0.6667", rows
        assert rows[2][0] == "Total" and rows[2][1] == "3", rows
        named = read_csv(raw(boss, "reports/queues?period=today&interval_s=0&format=csv&names=true&columns=queue,offered"))
        assert named[1:] == [["Support", "3"], ["Total", "3"]], named
        for by, cells in (("weekday", {"poniedziałek", "wtorek", "środa", "czwartek", "piątek", "sobota", "niedziela"}),
                          ("ended_by", {"Klient", "Agent"}), ("outcome", {"Solved", "Bez wyniku"}), ("direction", {"Przychodzące"})):
            words = read_csv(raw(boss, f"reports/contacts?by={by}&period=today&format=csv&names=true&lang=pl&columns=key,contacts"))
            assert {r[0] for r in words[1:-1]} <= cells and words[-1] == ["Razem", "3"], (by, words)
        polish = read_csv(raw(boss, "reports/queues?period=today&interval_s=0&format=csv&lang=pl&delimiter=tab"))
        assert "Kolejka\tOd\tWejścia" in polish[0][0], polish
        calls = read_csv(raw(boss, "contacts?format=csv&columns=from,queue,agent"))
        assert len(calls) == 4, calls
        hostile = [r for r in calls if "cmd" in r[0]]
        assert hostile and hostile[0][0].startswith("'="), hostile  # S17
        lost = read_csv(raw(boss, "reports/queues?period=today&list=abandoned&format=csv&columns=from"))
        assert lost == [["Caller"], ["'+48601000503"]], lost
        h.settled()


test_csv_shows_what_the_page_shows.seconds = 240


SHEET = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


def read_sheet(data, name="xl/worksheets/sheet1.xml"):
    """Cells by their place, with an independent reader: the archive and its XML. No formula anywhere."""
    with zipfile.ZipFile(io.BytesIO(data)) as z:
        assert z.testzip() is None
        sheet = ElementTree.fromstring(z.read(name))
        styles = ElementTree.fromstring(z.read("xl/styles.xml"))
        assert "xl/workbook.xml" in z.namelist() and "xl/sharedStrings.xml" not in z.namelist()
    assert not list(sheet.iter(SHEET + "f")), "a formula"
    codes = {n.get("numFmtId"): n.get("formatCode") for n in styles.iter(SHEET + "numFmt")}
    formats = [codes.get(x.get("numFmtId"), x.get("numFmtId"))
               for x in styles.find(SHEET + "cellXfs")]
    cells = {}
    for c in sheet.iter(SHEET + "c"):
        inline = c.find(SHEET + "is")
        text = "".join(t.text or "" for t in inline.iter(SHEET + "t")) if inline is not None else None
        value = text if text is not None else float(c.find(SHEET + "v").text)
        cells[c.get("r")] = (value, formats[int(c.get("s", 0))])
    pane = sheet.find(f"{SHEET}sheetViews/{SHEET}sheetView/{SHEET}pane")
    return cells, pane


def test_xlsx_holds_numbers_times_and_texts():
    with House(queue_more={"wrap_s": 0}) as h:
        a_story(h)
        boss = h.boss
        got = raw(boss, "reports/queues?period=today&interval_s=0&format=xlsx&lang=ru"
                        "&columns=queue,at,offered,sl,wait_max_ms,aht_ms")
        assert got.headers["content-type"].endswith("spreadsheetml.sheet"), got.headers
        cells, pane = read_sheet(got.body)
        assert pane is not None and pane.get("state") == "frozen" and pane.get("ySplit") == "1", pane
        assert cells["A1"][0] == "Очередь" and cells["C1"][0] == "Поступило", cells
        assert cells["A2"][0] == "support" and cells["C2"] == (3.0, "0"), cells["C2"]
        assert round(cells["D2"][0], 4) == 0.6667 and cells["D2"][1] == "0.0%", cells["D2"]
        assert cells["F2"][1] == "[h]:mm:ss" and 0 < cells["F2"][0] * 86400 < 60, cells["F2"]
        day = boss.get("reports/queues?period=today&interval_s=0")["items"][0]["at"]
        assert cells["B2"][1].startswith("yyyy") and cells["B2"][0] == int(cells["B2"][0]), (cells, day)
        assert cells["A3"][0] == "Всего" and cells["C3"][0] == 3.0, cells
        about, _ = read_sheet(got.body, "xl/worksheets/sheet2.xml")
        assert any("÷" in str(v[0]) for v in about.values()), about
        calls, _ = read_sheet(raw(boss, "contacts?format=xlsx&columns=from,arrived_at,talk_ms").body)
        assert "=cmd|calc" in {v[0] for v in calls.values()}, calls  # a text, as it came
        h.settled()


test_xlsx_holds_numbers_times_and_texts.seconds = 240


def pdf_text(data, *options):
    with tempfile.NamedTemporaryFile(suffix=".pdf") as f:
        f.write(data)
        f.flush()
        info = subprocess.run(["pdfinfo", f.name], capture_output=True, text=True, check=True).stdout
        text = subprocess.run(["pdftotext", "-layout", *options, f.name, "-"], capture_output=True,
                              text=True, check=True).stdout
        fonts = subprocess.run(["pdffonts", f.name], capture_output=True, text=True, check=True).stdout
    if os.environ.get("KEEP_PDF"):
        with open(os.environ["KEEP_PDF"], "wb") as out:
            out.write(data)
    return info, text.replace(" / ", "/"), fonts


def test_pdf_pages_say_what_the_page_says():
    with House(queue_more={"wrap_s": 0}) as h:
        a_story(h)
        boss = h.boss
        info, text, fonts = pdf_text(raw(
            boss, "reports/queues?period=today&interval_s=0&format=pdf&lang=pl").body)
        assert "595.28 x 841.89" in info or "841.89 x 595.28" in info, info
        for word in ("Kolejki", "Wejścia", "Support", "Strefa czasowa", "66,7", "Poziom", "obsługi", "Razem", "1/1", "÷"):
            assert word in text, (word, text)
        assert "yes" in fonts.splitlines()[2].split(), fonts  # embedded
        _, text, _ = pdf_text(raw(boss, "reports/queues?period=today&interval_s=0&format=pdf&lang=ru").body)
        assert "Очереди" in text and "Поступило" in text and "÷" in text, text
        everything = ",".join(c["name"] for c in boss.get("reports/queues/columns")["columns"])
        info, text, _ = pdf_text(raw(boss, f"reports/queues?period=today&format=pdf&columns={everything}").body)
        pages = int(re.search(r"Pages: +(\d+)", info).group(1))
        assert pages > 1 and f"{pages}/{pages}" in text, (pages, text)
        assert "SL-5" in text and "Wrap-up" in text, text
        _, text, _ = pdf_text(raw(boss, "contacts?format=pdf").body)
        assert "=cmd|calc" in text and "+48601000503" in text, text
        h.settled()


test_pdf_pages_say_what_the_page_says.seconds = 240
