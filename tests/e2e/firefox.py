"""firefox.py - the other browser: Debian's Firefox, driven by its own remote protocol (Marionette: lengths and JSON
over TCP), with what browser.Browser has of it that a story needs. Its pretended microphone says MICROPHONE."""
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import tempfile

from harness import Skip, free_port, plainly, wait_until

PROGRAM = os.environ.get("FIREFOX", shutil.which("firefox-esr") or shutil.which("firefox") or "")
MICROPHONE = 1000
FIELD = "//input[@id = //label[starts-with(normalize-space(.), {!r})]/@for]"
BUTTON = "//button[contains(normalize-space(.), {0!r}) or contains(@aria-label, {0!r})]"
PREFERENCES = {
    "marionette.port": None,  # told below
    "media.navigator.streams.fake": True, "media.navigator.permission.disabled": True, "media.autoplay.default": 0,
    "media.autoplay.blocking_policy": 0, "intl.accept_languages": "en-GB", "intl.locale.requested": "en-GB",
    "app.update.enabled": False, "datareporting.policy.dataSubmissionEnabled": False,
    "network.captive-portal-service.enabled": False, "network.connectivity-service.enabled": False,
}


class Firefox:
    def __init__(self, address):
        if not PROGRAM:
            raise Skip("firefox is missing (tools/install.sh test)")
        self.base = "http://" + address.replace("127.0.0.1", "localhost")
        self.home = pathlib.Path(tempfile.mkdtemp(prefix="centrala-firefox-"))
        port = free_port()
        (self.home / "user.js").write_text("".join(f"user_pref({json.dumps(k)}, {json.dumps(v)});\n" for k, v in
                                                   {**PREFERENCES, "marionette.port": port}.items()))
        self.process = subprocess.Popen(
            plainly([PROGRAM, "--headless", "--marionette", "--no-remote", "--profile", str(self.home)]), start_new_session=True,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env={**os.environ, "HOME": str(self.home)})
        self.count, self.wire = 0, None
        try:
            self.wire = wait_until(lambda: self._connect(port), 60, "firefox starts", 0.2)
            self._read()  # it says who it is
            self.ask("WebDriver:NewSession", capabilities={"alwaysMatch": {"pageLoadStrategy": "normal"}})
        except BaseException:
            self.close()
            raise

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        if kind:
            print("    on the page: " + " | ".join(self.text().splitlines())[:600])
        self.close()

    def close(self):
        if self.wire:
            self.wire.close()
        os.killpg(self.process.pid, signal.SIGKILL)  # its children too
        self.process.wait()
        shutil.rmtree(self.home, ignore_errors=True)

    # -- the protocol --
    @staticmethod
    def _connect(port):
        try:
            return socket.create_connection(("127.0.0.1", port), 60)
        except OSError:
            return None

    def _read(self):
        head = b""
        while not head.endswith(b":"):
            head += self._exactly(1)
        return json.loads(self._exactly(int(head[:-1])))

    def _exactly(self, n):
        got = b""
        while len(got) < n:
            more = self.wire.recv(n - len(got))
            if not more:
                raise ConnectionError("firefox is gone")
            got += more
        return got

    def ask(self, what, **more):
        self.count += 1
        message = json.dumps([0, self.count, what, more]).encode()
        self.wire.sendall(b"%d:%s" % (len(message), message))
        _, number, error, value = self._read()
        assert number == self.count, "an answer to something else"
        if error:
            raise RuntimeError(f"{what}: {error['error']}: {error['message']}")
        return value.get("value") if isinstance(value, dict) and "value" in value else value

    # -- what a person does and sees --
    def goto(self, path):
        self.ask("WebDriver:Navigate", url=self.base + path)

    def reload(self):
        self.ask("WebDriver:Refresh")

    def find(self, xpath, seconds=10.0):
        def look():
            try:
                return next(iter(self.ask("WebDriver:FindElement", using="xpath", value=xpath).values()))
            except RuntimeError:
                return None
        return wait_until(look, seconds, f"the page has {xpath}", 0.1)

    def fill(self, label, text):
        self.ask("WebDriver:ElementSendKeys", id=self.find(FIELD.format(label)), text=text)

    def click(self, name, seconds=10.0):
        self.ask("WebDriver:ElementClick", id=self.find(BUTTON.format(name), seconds))

    def press(self, key):
        self.ask("WebDriver:PerformActions", actions=[{"type": "key", "id": "keys", "actions": [
            {"type": "keyDown", "value": key}, {"type": "keyUp", "value": key}]}])

    def text(self):
        return self.inside("return document.body.innerText")

    def see(self, text, seconds=10.0):
        wait_until(lambda: text in self.text(), seconds, f"the page shows {text!r}", 0.1)

    def inside(self, script, *args):
        """As a script of the page itself; a promise is waited for."""
        return self.ask("WebDriver:ExecuteScript", script=script, args=list(args), sandbox=None)

    # -- what it receives: without a sound card nothing comes out that could be listened to --
    def watch_phones(self):
        """Those that are made from now on."""
        self.inside("""
            window.__phones = []
            const plain = window.RTCPeerConnection
            window.RTCPeerConnection = class extends plain { constructor(...a) { super(...a); window.__phones.push(this) } }
        """)

    def sound(self):
        """What the newest connection has received, as WebRTC's statistics say: packets, and energy of what was decoded."""
        return self.inside("""
            const pc = window.__phones.at(-1)
            return pc.getStats().then(all => { for (const s of all.values()) if (s.type === "inbound-rtp") return s })
        """) or {}
