"""browser.py - a real Chromium, driven over a pipe: what a person does at a desk.

    with Browser(h.server.http) as b:
        b.goto("/"); b.fill("Password", "…"); b.click("button", "Sign in"); b.see("Ready")

What people can name is named so: roles, labels and texts as a screen reader tells them; a test that
must know ids of the page is a test of the wrong thing. Its microphone is a file; its sound is
measured in the page (hears()) and at the SIP side by the test.
"""
import contextlib
import json
import math
import os
import pathlib
import queue
import shutil
import struct
import subprocess
import tempfile
import threading
import wave

from harness import Skip, free_port, plainly, wait_until

HERE = pathlib.Path(__file__).resolve().parent / "browser"
PROGRAM = os.environ.get("CHROMIUM", shutil.which("chromium") or "")

# Puts an analyser behind everything that the page plays or receives: hears() asks it. Counts the
# questions to the server: settled() asks that. Runs before the page's own scripts; the page knows nothing of it.
EAR = """
(() => {
  let asking = 0, since = performance.now(); // questions to the server: settled() wants none under way
  const plainly_fetch = window.fetch;
  window.fetch = (...a) => {
    asking++;
    return plainly_fetch(...a).finally(() => { asking--; since = performance.now(); });
  };
  window.__settled = () => new Promise(said => requestAnimationFrame(() => requestAnimationFrame(() => said(
    !!document.querySelector("main") && !document.querySelector("[class*=Loader-root]") &&
    asking === 0 && performance.now() - since > 150))));
})();
(() => {
  const devices = navigator.mediaDevices;
  if (devices) { // a steady tone is what a noise suppressor takes out
    const ask = devices.getUserMedia.bind(devices);
    const plainly = { echoCancellation: false, noiseSuppression: false, autoGainControl: false };
    devices.getUserMedia = c => ask(c?.audio ? { ...c, audio: { ...(c.audio === true ? {} : c.audio), ...plainly } } : c);
  }
  const tracks = [], plain = window.RTCPeerConnection;
  if (!plain) return;
  window.__phones = [];
  window.RTCPeerConnection = class extends plain {
    constructor(...a) {
      super(...a);
      window.__phones.push(this);
      this.addEventListener("track", e => tracks.push(e.track));
    }
  };
  let context;
  window.__level = async (hz) => {
    context = context || new AudioContext();
    await context.resume();
    const live = tracks.filter(t => t.readyState === "live");
    if (!live.length) return -200;
    const stream = new MediaStream([live[live.length - 1]]);
    const from = context.createMediaStreamSource(stream), ear = context.createAnalyser();
    ear.fftSize = 8192; ear.smoothingTimeConstant = 0;
    from.connect(ear);
    await new Promise(r => setTimeout(r, 350));
    const bins = new Float32Array(ear.frequencyBinCount);
    ear.getFloatFrequencyData(bins);
    from.disconnect();
    const at = Math.round(hz * ear.fftSize / context.sampleRate);
    return Math.max(...bins.slice(at - 2, at + 3));
  };
})();
"""


def tone_file(path, hz, seconds=10):
    """A microphone that says one tone for ever (Chromium plays the file again and again)."""
    rate = 48000
    turns = round(hz * seconds)  # whole turns: no click where it begins anew
    with wave.open(str(path), "wb") as w:
        w.setnchannels(1)
        w.setsampwidth(2)
        w.setframerate(rate)
        w.writeframes(b"".join(struct.pack("<h", int(9000 * math.sin(2 * math.pi * turns * n / (rate * seconds))))
                               for n in range(rate * seconds)))
    return path


class Broken(AssertionError):
    """What was asked of the page could not be done."""


class Wire:
    """A network of the browser's own, with a cable to ours that can be pulled. Needs root."""
    count = 0

    def __init__(self):
        Wire.count += 1
        self.name = f"cb{os.getpid()}-{Wire.count}"
        low = (os.getpid() * 4 + Wire.count * 4) % 16000 & ~3
        net = f"10.77.{low >> 8}.{low & 255}".rsplit(".", 1)
        self.ours, self.theirs = (f"{net[0]}.{int(net[1]) + n}" for n in (1, 2))
        self.here, self.there = f"{self.name}a"[-15:], f"{self.name}b"[-15:]
        if not shutil.which("ip") or self._ip("netns", "add", self.name):
            raise Skip("no network namespaces here (root, iproute2)")
        try:
            for words in (["link", "add", self.here, "type", "veth", "peer", "name", self.there],
                          ["link", "set", self.there, "netns", self.name],
                          ["addr", "add", f"{self.ours}/30", "dev", self.here],
                          ["link", "set", self.here, "up"],
                          ["-n", self.name, "addr", "add", f"{self.theirs}/30", "dev", self.there],
                          ["-n", self.name, "link", "set", self.there, "up"],
                          ["-n", self.name, "link", "set", "lo", "up"],
                          ["-n", self.name, "route", "add", "default", "via", self.ours]):
                if self._ip(*words):
                    raise Skip("no pair of virtual network cards here")
        except Skip:
            self.close()
            raise

    def _ip(self, *words):
        return subprocess.run(["ip", *words], stderr=subprocess.DEVNULL).returncode

    def settings(self):
        """What a server must listen on to be reached through it."""
        return {"http.listen": f"{self.ours}:{free_port()}", "media.ip": self.ours}

    def pull(self, silently=False):
        """silently: nobody is told, packets just arrive nowhere (a radio link that is gone)."""
        if silently:
            nobody = ["lladdr", "02:00:00:00:00:99", "nud", "permanent", "dev"]
            self._ip("neigh", "replace", self.theirs, *nobody, self.here)
            self._ip("-n", self.name, "neigh", "replace", self.ours, *nobody, self.there)
        else:
            self._ip("link", "set", self.here, "down")

    def plug(self):
        self._ip("neigh", "del", self.theirs, "dev", self.here)
        self._ip("-n", self.name, "neigh", "del", self.ours, "dev", self.there)
        self._ip("link", "set", self.here, "up")

    def close(self):
        self._ip("link", "del", self.here)
        self._ip("netns", "del", self.name)


class Browser:
    def __init__(self, address="", microphone_hz=2300, locale="en-GB", seconds=30.0, args=(), wire=None,
                 pulse=None):
        if not PROGRAM or not shutil.which("node") or not (HERE / "node_modules").exists():
            raise Skip("chromium, node or tests/e2e/browser/node_modules is missing (tools/install.sh test)")
        self.base = f"http://{address}" if address and "://" not in address else address
        # a page of http://localhost is a secure context: microphone without a certificate
        self.base = self.base.replace("127.0.0.1", "localhost")
        self.home = tempfile.mkdtemp(prefix="centrala-browser-")
        settings = {"program": PROGRAM, "locale": locale, "timeout_ms": int(seconds * 1000), "args": list(args)}
        if pulse:  # its own microphones, which can be unplugged
            settings["devices"] = True
        elif microphone_hz:
            settings["microphone"] = str(tone_file(pathlib.Path(self.home) / "microphone.wav", microphone_hz))
        if wire:  # not localhost: the page must be told that it may use a microphone all the same
            settings["args"].append(f"--unsafely-treat-insecure-origin-as-secure={self.base}")
        apart = ["ip", "netns", "exec", wire.name] if wire else []
        self.process = subprocess.Popen(
            plainly([*apart, "node", str(HERE / "driver.mjs"), json.dumps(settings)]), cwd=HERE, stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, text=True, env={**os.environ, "HOME": self.home, **({"PULSE_SERVER": pulse.socket} if pulse else {})})
        self.answers, self.count, self.page = queue.Queue(), 0, "desk"
        threading.Thread(target=self._read, daemon=True).start()
        if self._answer(150).get("ready") is None:
            raise Broken("chromium did not start")
        self.run("await context.addInitScript(args)", EAR)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def _read(self):
        for line in self.process.stdout:
            self.answers.put(json.loads(line))
        self.answers.put({"error": "the browser has ended"})

    def _answer(self, seconds):
        try:
            return self.answers.get(timeout=seconds)
        except queue.Empty:
            raise Broken(f"the browser did not answer within {seconds} s") from None

    def close(self):
        with contextlib.suppress(OSError):
            self.process.stdin.close()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        shutil.rmtree(self.home, ignore_errors=True)

    def run(self, script, args=None, page=None, seconds=60):
        """JavaScript with page, context, args (driver.mjs); what it returns."""
        self.count += 1
        self.process.stdin.write(json.dumps({"id": self.count, "run": script, "args": args,
                                             "page": page or self.page}) + "\n")
        self.process.stdin.flush()
        answer = self._answer(seconds)
        if "error" in answer:
            raise Broken(answer["error"])
        return answer["ok"]

    def inside(self, expression, page=None):
        """The value of an expression within the page."""
        return self.run("return await page.evaluate(args)", expression, page)

    # -- pages --
    def goto(self, path="/", page=None):
        self.run("await page.goto(args)", self.base + path, page)

    def reload(self, page=None):
        self.run("await page.reload()", None, page)

    def open(self, name, path="/", beside="desk"):
        self.run("await open(args[0], args[1])", [name, beside])
        self.goto(path, name)

    def fresh(self, name, path="/", **more):
        """Another person: cookies of his own."""
        self.run("const p = await fresh(args[0], args[1]); await p.context().addInitScript(args[2])",
                 [name, more, EAR])
        self.goto(path, name)

    def shut(self, page=None):
        """The tab is gone, as when its program dies: nothing of the page runs any more."""
        self.run("await page.close({runBeforeUnload: false})", None, page)

    def crash(self, page=None):
        """The page's process dies."""
        self.run("page.goto('chrome://crash').catch(() => {})", None, page)

    def size(self, width, height, page=None):
        self.run("await page.setViewportSize({width: args[0], height: args[1]})", [width, height], page)

    def dark(self, on=True, page=None):
        self.run("await page.emulateMedia({colorScheme: args})", "dark" if on else "light", page)

    def offline(self, on=True):
        self.run("await context.setOffline(args)", on)

    # -- what a person does --
    def click(self, role, name, page=None, exact=False):
        self.run("await page.getByRole(args[0], {name: args[1], exact: args[2]}).first().click()",
                 [role, name, exact], page)

    def fill(self, label, text, page=None):
        self.run("await page.getByLabel(args[0]).first().fill(args[1])", [label, text], page)

    def press(self, key, page=None):
        self.run("await page.keyboard.press(args)", key, page)

    def type(self, text, page=None):
        self.run("await page.keyboard.type(args)", text, page)

    # -- what a person sees and hears --
    def text(self, page=None):
        return self.run("return await page.innerText('body')", None, page)

    def has(self, text, page=None):
        return text in self.text(page)

    def see(self, text, seconds=15.0, page=None):
        wait_until(lambda: self.has(text, page), seconds, f"the page shows {text!r}", 0.1)

    def gone(self, text, seconds=15.0, page=None):
        wait_until(lambda: not self.has(text, page), seconds, f"the page does not show {text!r}", 0.1)

    def see_role(self, role, name, page=None, seconds=30.0):
        self.run("await page.getByRole(args[0], {name: args[1]}).first().waitFor({timeout: args[2]})",
                 [role, name, seconds * 1000], page)

    def has_keyboard(self, selector, seconds=20.0, page=None):
        """Waits until what matches has the keyboard, or something within it: a dialog takes it a moment after it is seen."""
        wait_until(lambda: self.inside(f"!!document.activeElement?.closest({json.dumps(selector)})", page), seconds,
                   f"the keyboard is in {selector}", 0.05)

    def hears(self, hz, page=None):
        """How loud a tone is in what the server sends to the page, in dB; silence is below -90."""
        level = self.inside(f"window.__level({hz})", page)
        return -200.0 if level is None else level  # minus infinity is no JSON

    def stats(self, page=None):
        """What the newest connection's getStats() says: {kind: [report …]}"""
        return self.inside("(async () => { const p = window.__phones.at(-1); const out = {};"
                           " (await p.getStats()).forEach(r => (out[r.type] ||= []).push(r)); return out; })()", page)

    def settled(self, seconds=15.0, page=None):
        """Waits until the page is drawn: it has its main part and asks the server for nothing more."""
        def drawn():
            try:
                return self.inside("window.__settled()", page)
            except Broken as error:
                if "context was destroyed" not in str(error):  # it is being left for another one
                    raise
                return False
        wait_until(drawn, seconds, "the page is drawn", 0.05)

    def complaints(self):
        """Errors, warnings and refused scripts of all pages so far."""
        return self.run("return said")

    def axe(self, page=None):
        return self.run("return await axe(page)", None, page)

    def shot(self, path, page=None):
        self.run("await page.screenshot({path: args})", str(path), page)
