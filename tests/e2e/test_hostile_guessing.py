"""S8 to S11 of faults.md: who exists is nobody's business, guessing is slow, digests are used once."""
import math
import random
import re
import time

from harness import House, wait_until
from mallory import SDP, Mallory, alike
from sip import credentials, token

SHA = {"kind": "user", "tenant": "acme", "id": "sonia", "name": "Sonia", "roles": ["agent"],
       "password": "sonia-secret-1", "sip_password": "sonia-sip-1",
       "phone": {"kind": "sip", "digest": "sha-256"}}


def alarms(h, name):
    return [e["detail"] for e in h.boss.get("events?after=0&limit=500")["items"]
            if e["event"] == "alarm" and e["name"] == name]


def counter(h, name):
    text = h.boss.raw("GET", "/metrics").body.decode()
    return int(re.search(rf"^(?:\w*_)?{name} (\d+)", text, re.M)[1])


def test_a_scanner_learns_nothing():
    """svmap and svwar: every answer is alike for those who exist and those who do not."""
    with House() as h, Mallory(h.server.sip) as m:
        uris = {"anna": f"sip:anna@acme.test", "zenek": "sip:zenek@acme.test",
                "boris": f"sip:boris@{h.server.sip}", "1000": f"sip:1000@{h.server.sip}"}
        for method in ("OPTIONS", "REGISTER", "INVITE", "SUBSCRIBE", "MESSAGE", "REFER", "NOTIFY",
                       "INFO", "BYE", "PUBLISH"):
            answers = {}
            for user, uri in uris.items():
                message = m.message(method, "sip:acme.test" if method == "REGISTER" else uri, user,
                                    to=f"<sip:{user}@acme.test>", body=SDP if method == "INVITE" else "")
                answer = m.ask(message)
                assert answer, (method, user)
                answers[user] = alike(answer)
                if method == "INVITE":
                    m.send(m.message("ACK", uri, user, call_id=message.get("call-id")))
            assert len(set(answers.values())) == 1, (method, answers)
            # with wrong words too
            if method in ("REGISTER", "INVITE"):
                answers = {}
                for user, uri in uris.items():
                    where = "sip:acme.test" if method == "REGISTER" else uri
                    first = m.ask(m.message(method, where, user, body=SDP))
                    answer = m.ask(m.message(method, where, user, body=SDP, cseq=2, headers=[
                        m.digest(first, method, where, user, "wrong")]))
                    answers[user] = alike(answer)
                assert len(set(answers.values())) == 1, (method, answers)
        assert not h.boss.contacts()


def test_phones_of_sha256_hide_among_strangers():
    with House(objects=[SHA, {**SHA, "id": "sara"}]) as h, Mallory(h.server.sip) as m:
        def algorithm(user):
            text = m.ask(m.message("REGISTER", "sip:acme.test", user,
                                   to=f"<sip:{user}@acme.test>")).get("www-authenticate")
            return re.search(r"algorithm=([\w-]+)", text)[1]
        assert algorithm("sonia") == "SHA-256" and algorithm("anna") == "MD5"
        found = [algorithm(f"stranger{i}") for i in range(60)]
        assert 12 <= found.count("SHA-256") <= 48, found.count("SHA-256")  # half of the phones are
        assert found == [algorithm(f"stranger{i}") for i in range(60)], "a name changed its mind"


def ks_p(a, b):
    """Two-sample Kolmogorov-Smirnov: the probability of a distance this large by chance."""
    a, b = sorted(a), sorted(b)
    i = j = 0
    distance = 0.0
    while i < len(a) and j < len(b):
        x = min(a[i], b[j])
        while i < len(a) and a[i] <= x:
            i += 1
        while j < len(b) and b[j] <= x:
            j += 1
        distance = max(distance, abs(i / len(a) - j / len(b)))
    n = len(a) * len(b) / (len(a) + len(b))
    t = (math.sqrt(n) + 0.12 + 0.11 / math.sqrt(n)) * distance
    return min(1.0, 2 * sum((-1) ** (k - 1) * math.exp(-2 * k * k * t * t) for k in range(1, 101)))


def timed(h, kinds, count, wrong):
    """Round trips in microseconds of REGISTERs for each kind of user, in shuffled order."""
    found = {kind: [] for kind in kinds}
    turns = [kind for kind in kinds for _ in range(count)]
    random.shuffle(turns)
    for n, kind in enumerate(turns):
        # an address each: nobody's guesses are slowed here
        with Mallory(h.server.sip, f"127.1.{n >> 8 & 255}.{n & 255 or 1}") as m:
            user, extra = kinds[kind], []
            ask = lambda more: m.message("REGISTER", "sip:acme.test", user, to=f"<sip:{user}@acme.test>",
                                         headers=more)
            if wrong:
                extra = [m.digest(m.ask(ask([])), "REGISTER", "sip:acme.test", user, "wrong")]
            data = ask(extra).bytes()
            began = time.perf_counter()
            m.socket.sendto(data, m.server)
            m.socket.recv(4096)
            found[kind].append((time.perf_counter() - began) * 1e6)
    return found


def test_time_tells_nothing():
    """A thousand samples each, without and with a wrong password; a leak would fail three times."""
    with House() as h:
        for wrong in (False, True):
            tries = []
            for _ in range(3):
                found = timed(h, {"known": "anna", "unknown": "zola"}, 1000, wrong)
                tries.append(ks_p(found["known"], found["unknown"]))
                if tries[-1] > 0.01:
                    break
            assert tries[-1] > 0.01, tries


test_time_tells_nothing.seconds = 200


def test_guessing_a_phones_password_is_slow():
    """svcrack: hundreds of passwords from one place; the owner elsewhere does not notice."""
    with House() as h, Mallory(h.server.sip) as m, Mallory(h.server.sip, "127.0.70.1") as owner:
        assert owner.register("anna", "anna-sip-1") == 200
        for i in range(300):
            assert m.register("anna", f"guess{i}") == 401
        looked_at = counter(h, "bad_credentials_total")
        assert looked_at <= 12, f"{looked_at} guesses were looked at"

        def another():
            assert m.register("anna", "guess") == 401
            return counter(h, "bad_credentials_total") > looked_at
        wait_until(another, 60, "one more is looked at")  # and after it none for twice as long as before it
        assert m.register("anna", "anna-sip-1") == 401, "the right one is not looked at there now"
        assert owner.register("anna", "anna-sip-1") == 200
        with Mallory(h.server.sip, "127.0.70.2") as new:
            assert new.register("anna", "anna-sip-1") == 200, "an address never seen before"
        assert m.register("boris", "boris-sip-1") == 200, "another account from there"
        said = wait_until(lambda: alarms(h, "phone_guessing"), 5, "an alarm")
        assert "anna@acme.test" in said[0] and "127.0.66.1" in said[0], said
        # from fifty places at once
        many = [Mallory(h.server.sip, f"127.0.71.{i + 1}") for i in range(50)]
        try:
            for i in range(8):
                for one in many:
                    assert one.register("boris", f"guess{i}") == 401
            assert owner.register("boris", "boris-sip-1") == 200
        finally:
            for one in many:
                one.socket.close()
        wait_until(lambda: len(alarms(h, "phone_guessing")) > 1, 5, "more alarms")
        assert len(alarms(h, "phone_guessing")) <= 40
        # and by calling instead of registering
        first = m.ask(m.message("INVITE", "sip:anna@acme.test", "boris", body=SDP))
        assert first.status == 401
        assert not h.boss.contacts()


test_guessing_a_phones_password_is_slow.seconds = 240


def test_signing_in_is_slow_for_guessers():
    with House() as h:
        status = [h.boss.raw("POST", "/api/v1/login", {"tenant": "acme", "user": "anna",
                                                       "password": f"guess{i}"}).status
                  for i in range(12)]
        assert status[:5] == [401] * 5 and status[-1] == 429, status
        said = wait_until(lambda: alarms(h, "sign_in_guessing"), 3, "an alarm")
        assert "anna" in said[0], said


def test_a_digest_is_used_once_and_for_what_it_was_made():
    with House(objects=[SHA]) as h, Mallory(h.server.sip) as m:
        uri = "sip:acme.test"
        first = m.ask(m.message("REGISTER", uri, "anna", to="<sip:anna@acme.test>"))
        words = m.digest(first, "REGISTER", uri, "anna", "anna-sip-1")

        def register(header, user="anna", method="REGISTER", where=uri):
            return m.ask(m.message(method, where, user, to=f"<sip:{user}@acme.test>", headers=[header],
                                   body=SDP if method == "INVITE" else ""))
        assert register(words).status == 200
        replay = register(words)
        assert replay.status == 401 and "stale=true" in replay.get("www-authenticate"), replay.headers
        with Mallory(h.server.sip, "127.0.67.1") as elsewhere:  # the nonce is of one address
            fresh = m.ask(m.message("REGISTER", uri, "anna", to="<sip:anna@acme.test>"))
            stolen = elsewhere.digest(fresh, "REGISTER", uri, "anna", "anna-sip-1")
            answer = elsewhere.ask(elsewhere.message("REGISTER", uri, "anna", headers=[stolen],
                                                     to="<sip:anna@acme.test>"))
            assert answer.status == 401, answer.start
        challenge = lambda: m.ask(m.message("REGISTER", uri, "anna", to="<sip:anna@acme.test>"))
        # of another method, of another user's resource, by another's name, for another's phone
        assert register(m.digest(challenge(), "INVITE", uri, "anna", "anna-sip-1")).status == 401
        made_for = "sip:+48221000000@acme.test"
        other = m.digest(challenge(), "INVITE", made_for, "anna", "anna-sip-1")
        answer = register(other, method="INVITE", where="sip:+48601602603@acme.test")
        assert answer.status == 401, answer.start
        assert register(m.digest(challenge(), "REGISTER", uri, "anna", "anna-sip-1"),
                        user="boris").status == 403
        assert register(m.digest(challenge(), "REGISTER", uri, "anna", "anna-sip-1",
                                 realm="evil.test")).status == 401
        # a phone declared for SHA-256 is not talked down to MD5
        assert m.register("sonia", "sonia-sip-1") == 200
        assert m.register("sonia", "sonia-sip-1", use="MD5") == 401
        assert not h.carrier.calls.qsize()


def test_nobodys_challenge_is_answered():
    """CVE-2021-41158: a peer without credentials of ours that challenges our BYE learns nothing."""
    with House() as h:
        call, phone, contact = h.talk()
        seen = []

        def challenged(m):
            if m.method == "BYE" and not m.status:
                seen.append(m)
                phone.respond(m, 401, "Unauthorized", headers=[
                    ("www-authenticate", 'Digest realm="acme.test", nonce="n1", algorithm=MD5, qop="auth"')])
                return True
            return False
        h.phones.loses = challenged
        call.bye()
        wait_until(lambda: seen, 3, "our BYE")
        time.sleep(1)
        assert all(not m.get("authorization") for m in seen), "a digest was given away"
        h.boss.wait_ended(contact)
