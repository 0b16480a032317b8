"""Customers from workbooks (.xlsx): as programs write them, in pieces, over a death, and as nobody should."""
import csv
import io
import threading
import time
import zipfile
from xml.sax.saxutils import escape

from harness import Server, site, wait_until
from test_customers import fields, found
from test_imports import counts, done, finished, upload

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'


def rels(*targets):
    return f'{HEAD}<Relationships xmlns="{PACKAGE}">' + "".join(
        f'<Relationship Id="rId{i}" Type="{RELS}/{kind}" Target="{target}"/>'
        for i, (kind, target) in enumerate(targets, 1)) + "</Relationships>"


def name_of(row, column):
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return f"{letters}{row}"


class Book:
    """Cells: a text is shared, a number is one, (style, number) a styled one, bytes are XML as given."""

    def __init__(self):
        self.texts, self.sheets = {}, []

    def cell(self, row, column, v):
        at = name_of(row, column)
        if isinstance(v, bytes):
            return v.decode().replace("AT", at)
        if isinstance(v, bool):
            return f'<c r="{at}" t="b"><v>{int(v)}</v></c>'
        if isinstance(v, tuple):
            return f'<c r="{at}" s="{v[0]}"><v>{v[1]}</v></c>'
        if isinstance(v, (int, float)):
            return f'<c r="{at}"><v>{v!r}</v></c>'
        return f'<c r="{at}" t="s"><v>{self.texts.setdefault(v, len(self.texts))}</v></c>'

    def sheet(self, name, rows):
        data = "".join(
            f'<row r="{r}">' + "".join(self.cell(r, c, v) for c, v in enumerate(row) if v is not None) + "</row>"
            for r, row in enumerate(rows, 1) if row)
        return self.raw(name, f'{HEAD}<worksheet xmlns="{MAIN}"><sheetData>{data}</sheetData></worksheet>')

    def raw(self, name, xml):
        self.sheets.append((name, xml))
        return self

    def data(self, **replaced):
        n = len(self.sheets)
        parts = {
            "_rels/.rels": rels(("officeDocument", "xl/workbook.xml")),
            "xl/workbook.xml": f'{HEAD}<workbook xmlns="{MAIN}" xmlns:r="{RELS}"><sheets>' + "".join(
                f'<sheet name="{escape(name)}" sheetId="{i}" r:id="rId{i}"/>'
                for i, (name, _) in enumerate(self.sheets, 1)) + "</sheets></workbook>",
            "xl/_rels/workbook.xml.rels": rels(
                *[("worksheet", f"worksheets/sheet{i}.xml") for i in range(1, n + 1)],
                ("styles", "styles.xml"), ("sharedStrings", "/xl/sharedStrings.xml")),
            "xl/styles.xml": f'{HEAD}<styleSheet xmlns="{MAIN}"><numFmts count="1"><numFmt numFmtId="164" '
                             'formatCode="00\\-000"/></numFmts><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/>'
                             '<xf numFmtId="164"/></cellXfs></styleSheet>',
            "xl/sharedStrings.xml": f'{HEAD}<sst xmlns="{MAIN}">' + "".join(
                f'<si><t xml:space="preserve">{escape(t)}</t></si>' for t in self.texts) + "</sst>",
        }
        parts |= {f"xl/worksheets/sheet{i}.xml": xml for i, (_, xml) in enumerate(self.sheets, 1)}
        parts |= replaced
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as z:
            for path, text in parts.items():
                if text is not None:
                    z.writestr(path, text)
        return out.getvalue()


def one_sheet(xml):
    return Book().raw("S", f'<worksheet xmlns="{MAIN}"><sheetData>{xml}</sheetData></worksheet>').data()


def server():
    return Server(site(5080, 5070, objects=fields()))


def test_a_workbook_is_read_like_a_csv():
    with server() as s:
        api = s.login("adam")
        text = b'<c r="AT" t="inlineStr"><is><t>%s</t></is></c>'
        book = Book().sheet("Klienci", [
            ["Imię i nazwisko", "Telefon", "Umowa", "Kod pocztowy", "Miasto", "Stanowisko"],
            ["Józef Żółć", 48601000001, "U/1", (2, 950), "Łódź", 'say "hi", <b>&\nnew line'],
            [],
            ["Anna", b'<c r="AT"><v>4.8601000002E10</v></c>', None, (2, 12345), None, (1, 46348)],
            ["Ćwik", "+48 601 000 003", b'<c r="AT" t="str"><f>"U/"&amp;3</f><v>U/3</v></c>'],
            [None, None, "U/9"],  # nobody
            ["=1+1", 48601000005, text % b"=cmd|' /C calc'!A0"],
        ]).sheet("Drugi", [["Name", "Phone"], ["Zofia", 48601000009]])
        one = upload(api, book.data(), name="ludzie.xlsx")
        assert (one["format"], one["state"], one["sheet"], one["sheets"]) == (
            "xlsx", "preview", "Klienci", ["Klienci", "Drugi"]), one
        assert [c["target"] for c in one["columns"]] == ["name", "number", "field:contract", "postal_code", "city",
                                                         "position"], one["columns"]
        assert one["rows"][0] == ["Józef Żółć", "48601000001", "U/1", "00-950", "Łódź", 'say "hi", <b>&\nnew line'], one
        assert one["rows"][1] == ["Anna", "48601000002", "", "12-345", "", "2026-11-22"], one
        state = done(api, one)
        assert state["state"] == "done" and counts(state) == (4, 0, 0, 1), state
        joseph = api.get("customers?number=48601000001")["items"][0]
        assert joseph["name"] == "Józef Żółć" and joseph["position"] == 'say "hi", <b>& new line', joseph
        assert joseph["fields"]["contract"] == "U/1", joseph
        assert [api.get(f"customers?number=4860100000{i}")["items"][0]["name"] for i in (2, 3, 5)] == ["Anna", "Ćwik", "=1+1"]
        rejects = list(csv.reader(io.StringIO(api.ask("GET", f"customers/imports/{one['id']}/rejects").body
                                              .decode("utf-8-sig"), newline="")))
        assert len(rejects) == 2 and rejects[1][2] == "U/9" and rejects[1][-1], rejects
        # another sheet
        one = upload(api, book.data())
        path = f"customers/imports/{one['id']}"
        api.ask("POST", f"{path}/preview", {"sheet": "Trzeci"}, expect=415)
        other = api.post(f"{path}/preview", {"sheet": "Drugi", "encoding": "windows-1250"})
        assert (other["sheet"], other["encoding"], [c["target"] for c in other["columns"]]) == (
            "Drugi", "utf-8", ["name", "number"]), other
        assert counts(done(api, one)) == (1, 0, 0, 0) and found(api, "zofia") == ["Zofia"]
        api.ask("DELETE", path, expect=204)


def test_what_is_no_workbook_is_refused_with_its_reason():
    with server() as s:
        api = s.login("adam")
        good = Book().sheet("S", [["name"], ["Jan"]])
        laughs = "<!DOCTYPE l [<!ENTITY a 'ha'>" + "".join(
            f"<!ENTITY {chr(98 + i)} '{('&' + chr(97 + i) + ';') * 10}'>" for i in range(9)) + "]>"
        encrypted = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600) + "EncryptedPackage".encode("utf-16-le")
        whole = good.data()
        broken = bytearray(whole)
        at = whole.index(b"xl/worksheets/sheet1.xml") + 30
        broken[at:at + 20] = bytes(20)
        bomb = one_sheet("<row><c><v>" + " " * 300_000_000 + "</v></c></row>")
        many = io.BytesIO()
        with zipfile.ZipFile(many, "w") as z:
            for i in range(5000):
                z.writestr(f"xl/{i}", "")
        cases = [
            (encrypted, "encrypted"),
            (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(2000), "old Excel"),
            (bytes(broken), "broken"),
            (good.data(**{"xl/media/unread.bin": "a part nobody asked for"}), None),
            (many.getvalue(), "parts"),
            (good.data(**{"xl/workbook.xml": None}), "no sheet"),
            (good.data(**{"xl/worksheets/sheet1.xml": None}), "not in the archive"),
            (good.data(**{"xl/worksheets/sheet1.xml": laughs + "<worksheet>&j;</worksheet>"}), "document type"),
            (good.data(**{"xl/sharedStrings.xml": laughs + "<sst><si><t>&j;</t></si></sst>"}), "document type"),
            (good.data(**{"xl/workbook.xml": "<!DOCTYPE w SYSTEM 'file:///etc/passwd'><workbook/>"}), "document type"),
            (one_sheet("<a>" * 100_000), "too deeply"),
            (one_sheet("<row a='" + "x" * 5_000_000 + "'/>"), "markup"),
            (one_sheet("<row r='1048577'/>"), "1048576"),
            (one_sheet("<row><c t='s'><v>7</v></c></row>"), "not there"),
            (bomb, "packed"),
        ]
        for data, why in cases:
            if why is None:
                upload(api, data)
                continue
            began = time.monotonic()
            problem = api.ask("POST", "customers/imports?name=x.xlsx", data, expect=415, seconds=30).json
            assert why in problem["detail"], (why, problem)
            assert time.monotonic() - began < 20, (why, "took long")
        assert len(api.get("customers/imports")["items"]) == 1
        wide = "".join(f'<c r="{name_of(1, c)}"><v>1</v></c>' for c in range(300))
        state = done(api, upload(api, one_sheet("<row><c t='str'><v>name</v></c></row><row>" + wide + "</row>"
                                                "<row><c t='str'><v>Jan</v></c></row><row><c t='str'><v>" + "y" * 3_000_000
                                                + "</v></c></row>")))
        assert counts(state) == (1, 0, 0, 2), state


def test_pieces_a_missing_end_and_a_death_in_the_midst():
    with server() as s:
        api = s.login("adam")
        count = 6000
        rows = [["external_id", "name", "number"]] + [
            [f"X{i}", f"Osoba Numer {i}" if i % 100 else None, 48603000000 + i if i % 100 else None] for i in range(count)]
        data = Book().sheet("S", rows).data()
        cut = len(data) // 3
        one = upload(api, data[:cut])
        path = f"customers/imports/{one['id']}"
        assert (one["format"], one["columns"], "complete" in one["detail"]) == ("xlsx", [], True), one
        api.post(f"{path}/start", {}, expect=409)
        api.ask("PUT", f"{path}/file?offset={cut}", data[cut:2 * cut])
        one = api.ask("PUT", f"{path}/file?offset={2 * cut}", data[2 * cut:], seconds=30).json
        assert [c["target"] for c in one["columns"]] == ["external_id", "name", "number"] and "detail" not in one, one
        api.post(f"{path}/start", {})
        for _ in range(2):
            before = api.get(path)["progress"]["lines"]
            wait_until(lambda: api.get(path)["progress"]["lines"] > before or api.get(path)["state"] == "done", 20,
                       "it goes on")
            s.kill("centrala-core")
            s.healthy()
            time.sleep(3.5)  # three deaths within 10 s set the images aside
            api = s.login("adam")
        state = finished(api, one, 60)
        assert counts(state) == (count - count // 100, 0, 0, count // 100), state["progress"]
        rejects = api.ask("GET", f"{path}/rejects").body.decode("utf-8-sig").strip().splitlines()
        assert len(rejects) == 1 + count // 100 and len(set(rejects)) == len(rejects)
        # a death while it is converted: the piece is there or is not, and may be sent again
        data = Book().sheet("S", rows[:1] + [[f"Y{i}", "Ktoś", None] for i in range(150_000)]).data()
        cut = len(data) - 10
        one = upload(api, data[:cut])
        path = f"customers/imports/{one['id']}"

        def last_piece():
            try:
                api.ask("PUT", f"{path}/file?offset={cut}", data[cut:], seconds=60)
            except Exception:
                pass  # nobody answers

        last = threading.Thread(target=last_piece)
        last.start()
        time.sleep(0.15)
        s.kill("centrala-core")
        last.join()
        s.healthy()
        api = s.login("adam")
        state = api.get(path)
        assert state["bytes"] in (cut, len(data)), state
        if state["bytes"] == cut:
            assert state["columns"] == [] and "complete" in state["detail"], state
            state = api.ask("PUT", f"{path}/file?offset={cut}", data[cut:], seconds=60).json
        assert state["rows"][0] == ["Y0", "Ktoś"] and state["sheet"] == "S", state
        # a bad end: it stays in the list with its reason
        data = Book().sheet("S", rows[:5]).data(**{"xl/workbook.xml": "<a>"})
        one = upload(api, data[:200])
        api.ask("PUT", f"customers/imports/{one['id']}/file?offset=200", data[200:], expect=415)
        state = api.get(f"customers/imports/{one['id']}")
        assert state["state"] == "failed" and "broken" in state["detail"], state
