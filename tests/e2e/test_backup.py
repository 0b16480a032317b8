"""Copies of everything stored, made under load, and data folders made of them."""
import hashlib
import json
import os
import pathlib
import shutil
import subprocess
import tarfile
import tempfile
import threading

from harness import STORE, House, Server, Skip, wait_until


def only_on_sqlite():
    if STORE == "postgresql":
        raise Skip("a server's database is copied by its own tools")


def records(api):
    return {c["id"]: c for c in api.contacts()}


def restored(server, archive, *words, expect=0):
    """A folder made of the archive, and the same settings as the one it was."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix="centrala-restore-"))
    server.run("restore", "--data", str(folder / "new"), str(archive), *words, expect=expect)
    return folder / "new"


def test_backup_under_load_is_taken_back_whole():
    only_on_sqlite()
    with House() as h:
        s, root = h.server, h.server.login("admin", "root-secret-1", "system")
        sound = pathlib.Path("tests/data")
        for _ in range(3):
            call, phone, over = h.talk()
            call.bye()
            phone.wait_over()
            h.boss.wait_ended(over)
        h.boss.ready("anna")
        talk, talking, live = h.talk(user="+48601000777")
        stop, writes = threading.Event(), []

        def load():
            while not stop.is_set():
                n = len(writes)
                root.ask("PUT", f"/api/v1/tenants/acme/skills/load-{n}", {"name": f"Load {n}"}, expect=201)
                writes.append(n)
        writer = threading.Thread(target=load)
        writer.start()
        wait_until(lambda: len(writes) > 5, 10)
        before = len(writes)
        made = root.ask("POST", "/api/v1/backup", {}, expect=201, seconds=60).json
        stop.set()
        writer.join()
        assert made["state"] == "whole" and made["bytes"] > 100000 and made["seq"] > 0, made
        listed = root.ask("GET", "/api/v1/backups").json["items"]
        assert [b["id"] for b in listed] == [made["id"]] and listed[0]["seq"] == made["seq"], listed
        kept = records(h.boss)
        body = root.raw("GET", f"/api/v1/backups/{made['id']}").body
        archive = s.data / "copy.tar"
        archive.write_bytes(body)
        assert body == (s.data / "backups" / f"{made['id']}.tar").read_bytes()
        # anybody's tar reads it; no key, no settings and no password lies in it
        with tarfile.open(archive) as tar:
            names = tar.getnames()
            manifest = json.loads(tar.extractfile("manifest.json").read())
            assert names[:2] == ["manifest.json", "centrala.db"], names
            for f in manifest["files"]:
                assert hashlib.sha256(tar.extractfile(f["name"]).read()).hexdigest() == f["sha256"], f
        key = (s.data / "secret.key").read_bytes()
        for secret in (key, b"olga-secret-1", b"root-secret-1"):
            assert secret not in body
        talk.bye()
        talking.wait_over()
        h.settled()

        # a folder of its own: the server starts on it, and all there was is there
        refused = s.run("restore", "--data", str(s.data), str(archive), "--without-key", expect=1)
        wrong = s.data / "wrong.key"
        wrong.write_bytes(os.urandom(32))
        restored(s, archive, "--key", str(wrong), expect=1)
        torn = s.data / "torn.tar"
        torn.write_bytes(body[:len(body) // 2])
        folder = restored(s, torn, "--without-key", expect=1)
        assert not [f for f in folder.rglob("*") if f.is_file()], "half a backup looks like an installation"
        bent = bytearray(body)
        bent[len(body) // 2] ^= 1
        torn.write_bytes(bent)
        restored(s, torn, "--without-key", expect=1)

        folder = restored(s, archive, "--key", str(s.data / "secret.key"))
        shutil.copytree(s.data / "recordings", folder / "recordings")
        with Server(start=False) as t:
            shutil.rmtree(t.data)
            shutil.copytree(folder, t.data)
            t.log = open(t.data / "stderr.log", "ab")
            t.start()
            boss = t.login()
            got = records(boss)
            assert set(got) == set(kept)
            for contact, record in kept.items():
                if contact != live:
                    assert got[contact] == record, (got[contact], record)
            assert got[live]["ended_at"] and got[live]["segments"][-1]["result"] in ("completed", "server_restart"), got[live]
            skills = {o["id"] for o in t.login("admin", "root-secret-1", "system").ask(
                "GET", "/api/v1/tenants/acme/skills?limit=500").json["items"]}
            assert {f"load-{n}" for n in range(before)} <= skills
            t.stop()
            t.check()
        root.ask("DELETE", f"/api/v1/backups/{made['id']}", expect=204)
        root.ask("GET", f"/api/v1/backups/{made['id']}", expect=404)
        assert root.ask("GET", "/api/v1/backups").json["items"] == []


def test_backup_is_for_the_house_alone():
    with Server() as s:
        only_on_sqlite()
        s.apply({"objects": [{"kind": "user", "tenant": "system", "id": "admin", "roles": ["admin"], "password": "root-secret-1"}]})
        made = json.loads(s.run("ctl", "--data", str(s.data), "backup"))
        assert made["state"] == "whole"
        root = s.login("admin", "root-secret-1", "system")
        for id in ("../secret", "%2e%2e%2fsecret.key", "x", made["id"] + "x", ""):
            assert root.raw("GET", f"/api/v1/backups/{id}").status in (200, 400, 404), id
            assert b"manifest.json" not in root.raw("GET", f"/api/v1/backups/{id}").body
        told = [(e["what"], e["by"]) for e in root.ask("GET", "/api/v1/tenants/system/audit").json["items"]]
        assert ("backup_made", "local") in told, told


def test_backup_of_a_server_is_refused():
    if STORE != "postgresql":
        raise Skip("for PostgreSQL")
    with House() as h:
        root = h.server.login("admin", "root-secret-1", "system")
        refused = root.ask("POST", "/api/v1/backup", {}, expect=501).json
        assert "pg_dump" in refused["detail"], refused
