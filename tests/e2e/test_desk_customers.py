"""The customers' pages in a real browser: found, corrected, merged and taken apart, brought in from a file."""
import base64

from desk import DeskHouse
from harness import wait_until


def put(h, name, number, **more):
    return h.boss.post("customers", {"name": name, "numbers": [{"number": number}], **more}, expect=(200, 201))["id"]


def test_desk_customers_merged_and_taken_apart():
    with DeskHouse() as h:
        kept = put(h, "Zofia Żółć", "+48601000777", tags=["vip"])
        gone = put(h, "Zofia Zolc", "+48601000777", language="pl")
        with h.desk("olga") as d:
            d.goto("/customers/duplicates")
            d.see("The same number:")
            # of the pair the record with the right letters is to stay
            d.run("""await page.locator('li, article, section, div').filter({has: page.getByText('Zofia Żółć', {exact: true})})
                .getByRole('button', {name: 'Keep this'}).first().click()""")
            d.see("is part of")
            wait_until(lambda: h.boss.get(f"customers/{gone}").get("merged_into") == kept
                       or h.boss.get(f"customers/{kept}").get("merged_into") == gone, 5, "they are one")
            d.click("button", "Undo")
            d.gone("is part of")
            wait_until(lambda: not any(h.boss.get(f"customers/{one}").get("merged_into") for one in (kept, gone)), 10,
                       "both are there again")
            assert h.boss.get(f"customers/{kept}")["tags"] == ["vip"]
            d.quiet_page()


test_desk_customers_merged_and_taken_apart.seconds = 120


def test_desk_customers_two_write_at_once():
    """What somebody else wrote meanwhile is shown beside one's own, and nothing is lost unseen."""
    with DeskHouse() as h:
        one = put(h, "Karol Groß", "+48601000778")
        with h.desk("anna") as d:
            d.goto(f"/customers/{one}")
            d.see("Karol Groß")
            h.boss.ask("PATCH", f"customers/{one}", {"given_name": "Karl"})
            d.click("button", "Given name")
            d.run("await page.getByRole('textbox', {name: 'Given name'}).fill('Karol')")
            d.press("Enter")
            d.see("changed this record meanwhile")
            d.see("Karl")
            assert h.boss.get(f"customers/{one}")["given_name"] == "Karl", "nothing was written over"
            d.click("button", "Save mine")
            wait_until(lambda: h.boss.get(f"customers/{one}")["given_name"] == "Karol", 10, "mine is saved")
            d.gone("changed this record meanwhile")
            d.quiet_page(also=("412",))


test_desk_customers_two_write_at_once.seconds = 120


def test_desk_customers_brought_in_from_a_file():
    """Polish letters in windows-1250, semicolons, one line without a name: told before, counted after."""
    rows = "Imię i nazwisko;Telefon;E-mail\r\nŻaneta Łęcka;601 222 333;z@example.com\r\n;22 555 44 33;\r\n=HYPERLINK(1);22 555 44 34;\r\n"
    with DeskHouse() as h, h.desk("adam") as d:
        d.goto("/customers/import")
        d.see("Nothing is imported before you have seen it")
        d.run("""await page.locator('input[type=file]').setInputFiles({name: 'klienci.csv', mimeType: 'text/csv',
            buffer: Buffer.from(args, 'base64')})""", base64.b64encode(rows.encode("cp1250")).decode())
        d.see("Żaneta Łęcka")
        d.click("button", "Start the import")
        d.see("Not taken")
        d.see("Imported", 15)
        found = h.boss.get("customers?q=lecka")["items"]
        assert [c["name"] for c in found] == ["Żaneta Łęcka"], found
        assert found[0]["numbers"][0]["number"] == "+48601222333", found
        formula = h.boss.get("customers?number=%2B48225554434")["items"]
        assert formula[0]["name"] == "=HYPERLINK(1)", formula
        d.quiet_page()


test_desk_customers_brought_in_from_a_file.seconds = 120
