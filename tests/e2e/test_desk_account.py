"""What is a person's own, in a real browser: where he is signed in, his password, his second factor, his choices."""
from desk import DeskHouse
from harness import wait_until
from test_sessions import totp


def account(d):
    d.goto("/account")
    d.see("Where I am signed in")


def test_account_ends_a_session_elsewhere():
    with DeskHouse() as h, h.desk("anna") as d:
        other = h.server.login("anna")
        account(d)
        assert other.raw("GET", "/api/v1/me").status == 200
        d.click("button", "Sign out there")
        d.see("Signed out there")
        wait_until(lambda: other.raw("GET", "/api/v1/me").status == 401, 6, "the other one is out")
        d.see("this browser")
        d.quiet_page()


def test_account_password_is_changed():
    with DeskHouse() as h, h.desk("anna") as d:
        account(d)
        present = "await page.getByRole('region', {name: 'Change my password'}).getByLabel('Your present password').fill(args)"
        d.run(present, "wrong-one")
        d.fill("New password", "anna-other-22")
        d.click("button", "Change my password")
        d.settled()
        h.server.login("anna")  # it is the old one still
        d.run(present, "anna-secret-1")
        d.click("button", "Change my password")
        d.see("Your password is changed")
        h.server.login("anna", "anna-other-22")
        d.quiet_page(("Failed to load",))


def test_account_second_factor_is_demanded():
    """Nothing else is there until he has one; the next sign-in asks for its code."""
    with DeskHouse() as h, h.desk("anna", sign_in=False) as d:
        root = h.server.login("admin", "root-secret-1", "system")
        firm = root.get("/api/v1/tenants/acme")
        root.put("/api/v1/tenants/acme", {**firm, "totp": "all"})
        d.goto("/")
        d.fill("Organisation", "acme")
        d.fill("User", "anna")
        d.fill("Password", "anna-secret-1")
        d.click("button", "Sign in")
        d.see("Your organisation asks for a second factor")
        d.goto("/customers")
        d.see("Your organisation asks for a second factor")
        d.fill("Your present password", "anna-secret-1")
        d.click("button", "Set up")
        d.see("Add this key")
        key = d.run("return (await page.locator('pre').first().innerText()).replace(/\\s/g, '')")
        d.fill("Code", totp(key))
        d.click("button", "Confirm")
        d.see("Your recovery codes")
        d.click("button", "I have kept them")
        d.see("There are no customers yet")


def test_account_choices_follow_the_person():
    with DeskHouse() as h, h.desk("anna") as d:
        d.run("await page.getByRole('button', {name: /Anna/}).last().click()")
        d.click("menuitem", "Polski")
        d.click("menuitem", "Ciemne")
        anna = h.server.login("anna")
        wait_until(lambda: anna.ask("GET", "/api/v1/me").json["settings"].get("theme") == "dark", 10, "it is kept")
        wait_until(lambda: anna.ask("GET", "/api/v1/me").json["settings"].get("language") == "pl", 10, "it is kept")
        d.fresh("laptop")
        for field, text in (("Organisation", "acme"), ("User", "anna")):
            d.fill(field, text, "laptop")
        d.run("await page.getByLabel('Password', {exact: true}).fill('anna-secret-1')", page="laptop")
        d.click("button", "Sign in", "laptop")
        d.see("Cześć, Anna", 10, "laptop")
        wait_until(lambda: d.inside("document.documentElement.lang", "laptop") == "pl", 10, "Polish there too")
        wait_until(lambda: d.inside("document.documentElement.dataset.mantineColorScheme", "laptop") == "dark", 10, "dark")
