"""pulse.py - microphones that can be unplugged: a PulseAudio of a test's own whose sources say a tone each.

    with Pulse(anna=700, spare=1500) as p, Browser(…, pulse=p): …; p.unplug("anna")
"""
import os
import pathlib
import shutil
import subprocess
import tempfile

from harness import Skip, wait_until


class Pulse:
    def __init__(self, **tones):
        if not shutil.which("pulseaudio") or not shutil.which("pactl"):
            raise Skip("pulseaudio or pactl is missing (tools/install.sh test)")
        self.home = pathlib.Path(tempfile.mkdtemp(prefix="centrala-pulse-"))
        self.socket = f"unix:{self.home}/native"
        self.process = subprocess.Popen(
            ["pulseaudio", "-n", "--daemonize=no", "--use-pid-file=no", "--exit-idle-time=-1", "--disallow-exit",
             "-L", f"module-native-protocol-unix auth-anonymous=1 socket={self.home}/native",
             "-L", "module-null-sink sink_name=ear"],
            env={**os.environ, "HOME": str(self.home), "XDG_RUNTIME_DIR": str(self.home)},
            stdout=subprocess.DEVNULL, stderr=(self.home / "log").open("w"))
        wait_until(lambda: self._ask("info") is not None, 30, "PulseAudio runs")
        self.modules = {name: self.plug(name, hz) for name, hz in tones.items()}

    def _ask(self, *words):
        done = subprocess.run(["pactl", *words], env={**os.environ, "PULSE_SERVER": self.socket},
                              capture_output=True, text=True, timeout=60)
        return done.stdout.strip() if done.returncode == 0 else None

    def plug(self, name, hz):
        module = self._ask("load-module", "module-sine-source", f"source_name={name}", f"frequency={hz}")
        assert module, f"no source {name}"
        self._ask("update-source-proplist", name, f"device.description={name}")
        return module

    def unplug(self, name):
        assert self._ask("unload-module", self.modules.pop(name)) is not None, name

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(10)
        shutil.rmtree(self.home, ignore_errors=True)
