"""postgres.py - a private PostgreSQL for tests, from Debian's package: in a folder of its own, on a port
of its own, run by a user of its own, ended by its pid.

    python3 tests/e2e/postgres.py run COMMAND...    COMMAND with CENTRALA_TEST_PG=postgresql://…
"""
import atexit
import contextlib
import itertools
import os
import pathlib
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time

from ports import free_port

USER = "centrala"


def programs():
    """The folder of the newest server that is installed; None: there is none."""
    found = sorted(pathlib.Path("/usr/lib/postgresql").glob("*/bin/postgres"),
                   key=lambda p: int(p.parts[4]) if p.parts[4].isdigit() else 0)
    return found[-1].parent if found else None


class Postgres:
    """`settings`: lines of postgresql.conf."""

    def __init__(self, settings=()):
        self.bin = programs()
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="centrala-pg-"))
        self.data = self.folder / "data"
        self.port = free_port()
        self.names = itertools.count(1)
        self.as_other = []
        if os.geteuid() == 0:  # the server refuses to run as root
            user = next(u for u in ("postgres", "nobody") if self.known(u))
            entry = pwd.getpwnam(user)
            os.chown(self.folder, entry.pw_uid, entry.pw_gid)
            self.as_other = ["setpriv", f"--reuid={entry.pw_uid}", f"--regid={entry.pw_gid}",
                             "--clear-groups", "env", f"HOME={self.folder}"]
        self.run("initdb", "-D", self.data, "-U", USER, "-A", "trust", "-E", "UTF8",
                 "--locale=C.UTF-8", "-N")
        lines = [f"port = {self.port}", "listen_addresses = '127.0.0.1'",
                 f"unix_socket_directories = '{self.folder}'", "max_connections = 60",
                 "log_min_messages = warning", *settings]
        self.run("sh", "-c", 'cat >> "$0"', self.data / "postgresql.conf", where="",
                 text="\n".join(lines) + "\n")
        atexit.register(self.remove)
        self.start()

    @staticmethod
    def known(user):
        try:
            return pwd.getpwnam(user)
        except KeyError:
            return None

    def run(self, program, *words, where=None, text=None):
        where = f"{self.bin}/" if where is None else where
        done = subprocess.run([*self.as_other, where + program, *map(str, words)], text=True,
                              input=text, capture_output=True, timeout=120, cwd=self.folder)
        assert done.returncode == 0, f"{program}: {done.stdout[-500:]} {done.stderr[-1500:]}"
        return done.stdout

    def start(self):
        self.run("pg_ctl", "-D", self.data, "-w", "-s", "-l", self.folder / "log", "start")

    def stop(self, mode="immediate"):
        self.run("pg_ctl", "-D", self.data, "-w", "-s", "-m", mode, "stop")

    def pid(self):
        with contextlib.suppress(OSError, ValueError):
            return int((self.data / "postmaster.pid").read_text().split()[0])
        return None

    def remove(self):
        pid = self.pid()
        if pid:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGQUIT)
            for _ in range(100):
                if not pathlib.Path(f"/proc/{pid}").exists():
                    break
                time.sleep(0.05)
        shutil.rmtree(self.folder, ignore_errors=True)

    def url(self, database, port=None):
        return f"postgresql://{USER}@127.0.0.1:{port or self.port}/{database}"

    def database(self):
        """A new, empty database; its name."""
        name = f"t{next(self.names)}"
        self.run("createdb", "-h", self.folder, "-p", self.port, "-U", USER, name)
        return name

    def sql(self, database, text):
        """What psql says to one text, a line a row, columns parted by |."""
        return self.run("psql", "-h", self.folder, "-p", self.port, "-U", USER, "-d", database, "-X",
                        "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-c", text).strip()

    def session(self, database):
        """psql that stays open, for a lock that is held: write lines to its stdin."""
        return subprocess.Popen([*self.as_other, f"{self.bin}/psql", "-h", str(self.folder), "-p",
                                 str(self.port), "-U", USER, "-d", database, "-X", "-q", "-A", "-t"],
                                stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


_shared = None


def shared():
    """One server for all tests that only want a database."""
    global _shared
    if _shared is None:
        # tests end it, not power cuts: without fsync they take half the time
        _shared = Postgres(["fsync = off"])
    return _shared


def main():
    if sys.argv[1:2] != ["run"] or len(sys.argv) < 3:
        print(__doc__)
        return 2
    if not programs():
        print("0 passed, 0 failed, 1 skipped")
        return 0
    server = shared()
    os.environ["CENTRALA_TEST_PG"] = server.url(server.database())
    return subprocess.run(sys.argv[2:], check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
