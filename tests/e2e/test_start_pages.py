"""A stranger, an empty data directory, a browser: the wizard leads to the first answered call (issue 6, acceptance 3)."""
from desk import Desk
from harness import CUSTOMER, Server, wait_until
from sip import UserAgent


class Empty:
    """What a Desk needs of a house, where nothing is declared."""

    def __init__(self):
        self.server, self.wire, self.carrier = Server(), None, UserAgent()
        self.boss = None

    def __enter__(self):
        return self

    def __exit__(self, *why):
        try:
            return self.server.__exit__(*why)
        finally:
            self.carrier.close()


def test_start_pages_from_nothing_to_the_first_answered_call():
    with Empty() as h, Desk(h, "jola") as d:
        d.goto("/")
        d.see("Welcome to centrala")
        d.fill("Your name", "Jola Żuk")
        d.run("await page.getByLabel('Password', {exact: true}).fill(args)", "short")
        d.click("button", "Begin")
        d.see("At least 12 characters, and not one")
        d.run("await page.getByLabel('Password', {exact: true}).fill(args)", "a root of all passwords")
        d.click("button", "Begin")

        d.see("Who callers reach")
        d.click("button", "Continue")
        d.see("Is needed")
        d.fill("Name", "Żółw i Spółka")
        wait_until(lambda: d.run("return await page.getByLabel('Short name').inputValue()") == "zolw-i-spolka", 10,
                   "the short name follows")
        d.click("button", "Continue")

        d.see("The number people call")
        d.fill("Your number", "+48 22 100 00 01")
        d.run("await page.getByText('By our address').click()")
        d.fill("Server of the provider", "no such host!!")
        d.click("button", "Continue")
        d.see("A name or an address, with a port")
        d.fill("Server of the provider", f"127.0.0.1:{h.carrier.port}")
        d.click("button", "Continue")

        d.see("When somebody answers")
        d.fill("Friday: from", "22")
        d.fill("Friday: to", "0600")
        d.see("until 06:00 on Saturday")
        d.fill("Thursday: to", "24:30")
        d.click("button", "Continue")
        d.see("the end of a day is 24:00")
        d.fill("Thursday: to", "24:00")
        d.click("button", "Continue")
        d.see("Type what callers hear")
        d.click("button", "Back")
        d.run("await page.getByLabel('Always open').check({force: true})")
        d.click("button", "Continue")

        d.see("Type what callers hear")
        heard = d.run("""const [answer] = await Promise.all([
            page.waitForResponse(r => r.url().endsWith('/speech')),
            page.getByRole('button', {name: 'Hear: When somebody calls'}).click()]);
            return [answer.status(), Number(answer.headers()['content-length'])]""")
        assert heard[0] == 200 and heard[1] > 8000, heard
        d.click("button", "Continue")
        d.see("Callers wait here")
        d.click("button", "Continue")

        d.see("Who answers")
        d.run("await page.getByRole('textbox', {name: 'Name', exact: true}).fill('Jola Żuk')")
        d.click("button", "Propose")
        password = wait_until(lambda: d.run("return await page.getByRole('textbox', {name: 'Password'}).inputValue()"), 10,
                              "a password is proposed")
        assert len(password) >= 14, password
        d.click("button", "Set everything up")

        d.see("This page watches until the first call")
        d.reload()  # what was typed is there, passwords are not
        d.goto("/start/people")
        d.see("Exists already: the password stays")
        d.click("button", "Set everything up")
        d.see("This page watches until the first call")

        # with a queue of another name, what it changes for people who are there is read before it is done
        d.goto("/start/queue")
        d.run("await page.getByRole('textbox', {name: 'Name', exact: true}).fill('Sales')")
        d.click("button", "Continue")
        d.see("Exists already: the password stays")
        d.click("button", "Set everything up")
        d.see("Jola Żuk also serves the queue “Sales”.")
        d.see("Calls to +48221000001 take the way “main-2”")
        boss = h.server.login("jola", password, "zolw-i-spolka")
        assert boss.get("users/jola")["queues"] == ["customer-service"], "read, and not yet done"
        d.click("button", "Yes, set it up like this")
        d.see("This page watches until the first call")
        assert boss.get("users/jola")["queues"] == ["customer-service", "sales"]
        d.see("are taken")
        d.click("button", "Sign in as Jola")
        d.run("await page.getByLabel('Password', {exact: true}).fill(args)", password)
        d.click("button", "Sign in")
        d.see_role("button", "My state")
        api = h.server.login("jola", password, "zolw-i-spolka")
        h.boss = api
        d.click("button", "Go ready")
        wait_until(lambda: api.agent("jola")["presence"] == "ready", 15, "jola is ready")

        call = h.carrier.call(f"sip:+48221000001@{h.server.sip}", h.server.sip, user="+48601000001", hz=CUSTOMER)
        call.wait_answer()
        d.accept(20)
        d.talks(call)
        call.bye()
        assert api.get("contacts")["items"][0]["agent"] == "jola"

        # the administrator's page, in another browser, sees that it was answered
        d.fresh("root", "/start/test")
        for field, text in (("Organisation", "system"), ("User", "admin")):
            d.fill(field, text, "root")
        d.run("await page.getByLabel('Password', {exact: true}).fill('a root of all passwords')", page="root")
        d.click("button", "Sign in", "root")
        d.see("First steps", 10, "root")
        d.see("Your contact centre works", 10, "root")
        d.see("+48 221 000 001", 10, "root")
        d.quiet_page(("Failed to load", "409"))


test_start_pages_from_nothing_to_the_first_answered_call.seconds = 180
