"""The first minutes of an empty installation (issue 6, 3; faults.md S33)."""
import stat

from harness import Api, Server, site

PASSWORD = "a long one to keep"
ELSEWHERE = (("X-Forwarded-For", "192.0.2.7"),)


def setup(s, body, expect, **more):
    return s.api.ask("POST", "/api/v1/setup", body, expect=expect, **more)


def test_setup_names_the_first_administrator():
    with Server({"objects": []}) as s:
        assert s.api.ask("GET", "/api/v1/setup").json == {"needed": True, "token_needed": False}
        setup(s, {"password": "short"}, 400)
        setup(s, {"password": "password1234"}, 400)
        root = Api(s.http, setup(s, {"password": PASSWORD, "name": "Ola"}, 200).json["token"], "system")
        assert root.ask("GET", "/api/v1/me").json["name"] == "Ola"
        assert s.api.ask("GET", "/api/v1/setup").json == {"needed": False}
        setup(s, {"password": PASSWORD}, 409)
        s.kill("centrala-core")
        s.healthy()
        assert s.api.ask("GET", "/api/v1/setup").json == {"needed": False}
        assert not (s.data / "setup.token").exists()
        s.login("admin", PASSWORD, "system")


def test_setup_from_elsewhere_needs_the_token():
    with Server({"objects": []}) as s:
        file = s.data / "setup.token"
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        token = file.read_text().strip()
        assert token not in (s.data / "stderr.log").read_text()
        assert s.api.ask("GET", "/api/v1/setup", headers=ELSEWHERE).json["token_needed"]
        setup(s, {"password": PASSWORD}, 403, headers=ELSEWHERE)
        setup(s, {"password": PASSWORD, "token": "0" * 32}, 403, headers=ELSEWHERE)
        # a page whose name was made to lead here
        for host in ("evil.example", "localhost.evil.example", "127.0.0.1.evil.example:80", "[::1].evil.example"):
            setup(s, {"password": PASSWORD}, 403, headers=(("Host", host),))
        setup(s, {"password": PASSWORD}, 403, headers=(("Origin", "http://evil.example"),))
        setup(s, {"password": PASSWORD, "token": token}, 200, headers=ELSEWHERE)


def test_setup_is_over_where_somebody_is_declared():
    with Server(site(5080, 5090)) as s:
        assert s.api.ask("GET", "/api/v1/setup").json == {"needed": False}
        setup(s, {"password": PASSWORD}, 409)
        adam = s.login("admin", "root-secret-1", "system")
        heard = adam.ask("POST", "speech", {"lang": "pl", "text": "Dzień dobry"})
        assert heard.body[:4] == b"RIFF" and heard.headers["content-type"] == "audio/wav"
        assert s.login("anna").ask("POST", "speech", {"lang": "pl", "text": "x"}, expect=403)
