"""A desk as a test has one: the WebSocket of /api/v1/live by hand, and its snapshot kept by a thread."""
import base64
import json
import os
import queue
import socket
import struct
import threading
import time

from harness import wait_until


class Closed(OSError):
    """The other side has hung up."""


class Desk:
    """Opened as `api`'s user. `snapshots` and `events` hold all that was heard; `answers` what was asked."""

    def __init__(self, api, query="", reads=True, wait=True, context=None, **headers):
        host, _, port = api.address.rpartition(":")
        self.s = socket.create_connection((host.strip("[]"), int(port)), timeout=5)
        if context:
            self.s = context.wrap_socket(self.s)
        words = {"Host": api.address, "Upgrade": "websocket", "Connection": "Upgrade",
                 "Sec-WebSocket-Version": "13",
                 "Sec-WebSocket-Key": base64.b64encode(os.urandom(16)).decode(),
                 "Authorization": f"Bearer {api.token}", **headers}
        self.s.sendall((f"GET /api/v1/live{query} HTTP/1.1\r\n" + "".join(
            f"{k}: {v}\r\n" for k, v in words.items() if v is not None) + "\r\n").encode())
        self.left = b""
        head = self._until(b"\r\n\r\n")
        self.status = int(head.split()[1])
        self.head = head.decode()
        self.snapshots, self.events, self.phones, self.messages = [], [], [], []
        self.boards = []  # (when, what)
        self.answers, self.last_id = queue.Queue(), 0
        self.bye = self.code = None
        self.over = threading.Event()
        if self.status != 101:
            self.s.close()
            return
        self.s.settimeout(None)
        if reads:
            self.read_on()
            if wait:
                wait_until(lambda: self.snapshots, 5, "a snapshot")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        try:
            self.s.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self.s.close()

    def read_on(self):
        threading.Thread(target=self._read, daemon=True).start()

    # -- bytes --
    def _more(self):
        more = self.s.recv(65536)
        if not more:
            raise Closed
        self.left += more

    def _until(self, mark):
        while mark not in self.left:
            self._more()
        head, _, self.left = self.left.partition(mark)
        return head

    def _take(self, n):
        while len(self.left) < n:
            self._more()
        piece, self.left = self.left[:n], self.left[n:]
        return piece

    def frame(self, first, body=b"", mask=b"\x01\x02\x03\x04"):
        n = len(body)
        size = bytes([0x80 | n]) if n < 126 else b"\xfe" + struct.pack(">H", n) if n < 65536 else \
            b"\xff" + struct.pack(">Q", n)
        self.s.sendall(bytes([first]) + size + mask + bytes(b ^ mask[i & 3] for i, b in enumerate(body)))

    def _read(self):
        try:
            while True:
                head = self._take(2)
                n = head[1] & 127
                if n == 126:
                    n = struct.unpack(">H", self._take(2))[0]
                elif n == 127:
                    n = struct.unpack(">Q", self._take(8))[0]
                body = self._take(n)
                kind = head[0] & 15
                if kind == 9:
                    self.frame(0x8a, body)
                elif kind == 8:
                    self.code = struct.unpack(">H", body[:2])[0] if body else 1005
                elif kind == 1:
                    self._hear(json.loads(body), time.monotonic())
        except (Closed, OSError):
            pass
        self.over.set()

    def _hear(self, m, at):
        self.messages.append((at, m))
        if "snapshot" in m:
            self.snapshots.append(m["snapshot"])
        elif "bye" in m:
            self.bye = m["bye"]["reason"]
        elif "board" in m:
            self.boards.append((at, m["board"]))
        elif "phone" in m:
            self.phones.append(m["phone"]["state"])
        elif "ok" in m or "error" in m:
            self.answers.put(m)
        else:
            self.events.append(m)

    # -- what is done --
    def send(self, message):
        self.frame(0x81, message if isinstance(message, bytes) else json.dumps(message).encode())

    def do(self, verb, expect=200, **body):
        """Asks and waits; the answer, or the problem with the status that is expected."""
        self.last_id += 1
        self.send({"id": self.last_id, "do": verb, **body})
        m = self.answers.get(timeout=6)
        assert m["id"] == self.last_id, m
        if expect == 200:
            assert "ok" in m, m
            return m["ok"]
        assert "error" in m and m["error"]["status"] == expect, m
        return m["error"]

    # -- what is seen --
    def board(self):
        """The rows by queue; None: all together."""
        rows = {}
        for _, b in list(self.boards):
            rows = {} if b.get("whole") else rows
            rows.update({r["queue"]: r for r in b["queues"]})
        return rows

    def seq(self):
        return max([self.snapshots[-1]["seq"], *(e["seq"] for e in self.events)])

    def wait_event(self, name, seconds=5, **fields):
        def find():
            return next((e for e in self.events if e["event"] == name
                         and all(e.get(k) == v for k, v in fields.items())), None)
        return wait_until(find, seconds, f"{name} {fields}")


# -- the fold, written a second time from docs/api.md --

def world_of(snapshot):
    return {"seq": snapshot["seq"], "agents": {a["id"]: dict(a) for a in snapshot["agents"]},
            "alerts": {a["id"]: dict(a) for a in snapshot.get("alerts", [])},
            "messages": {m["id"]: m for m in snapshot["messages"]},
            "notices": [dict(n) for n in snapshot["notices"]],
            "queues": [dict(q) for q in snapshot["queues"]], "contacts": {c["id"]: c for c in snapshot["contacts"]}}


def put(row, key, value):
    """What is not so is not there."""
    if value:
        row[key] = value
    else:
        row.pop(key, None)


def apply(world, e):
    assert e["seq"] > world["seq"] and e["prev"] <= e["seq"], e
    world["seq"] = e["seq"]
    agent = world["agents"].get(e.get("agent"))
    if agent and e["event"].startswith(("agent_", "reason_over")):
        fold_agent(agent, e)
    fold_watched(world, e)
    fold_notices(world, e)
    if e["event"] in ("queue_closed", "queue_reopened"):
        queue = next(q for q in world["queues"] if q["id"] == e["queue"])
        closes = e["event"] == "queue_closed"
        put(queue, "closed", closes and {"since_at": e["at"], "by": e["by"], **({"to": e["to"]} if e["to"] else {}),
                                         **({"until_at": e["until_at"]} if moment(e["until_at"]) else {})})
    contact = e.get("contact")
    if "with" in e:
        world["contacts"][contact] = json.loads(json.dumps(e["with"]))
    elif e.get("gone"):
        del world["contacts"][contact]
    elif contact in world["contacts"] and "parties" in world["contacts"][contact]:
        fold_contact(world["contacts"][contact], e)
    return world


def moment(at):
    """None is told as the beginning of time."""
    return None if at.startswith("1970-01-01T00:00:00") else at


def fold_notices(world, e):
    kind, all_ = e["event"], world["notices"]
    if kind == "alarm":
        n = {"id": str(e["seq"]), "kind": "alarm", "name": e["name"], "at": e["at"]}
        for key, of in (("agent", "agent"), ("queue", "queue"), ("trunk", "trunk"), ("contact", "about"), ("detail", "detail")):
            put(n, key, e[of])
        all_.append(n)
    elif kind in ("approval_asked", "approval_end"):
        all_[:] = [n for n in all_ if n["kind"] != "approval" or n["agent"] != e["agent"]]
        if kind == "approval_asked":
            all_.append({"id": str(e["seq"]), "kind": "approval", "name": e["reason"], "agent": e["agent"], "at": e["at"]})
    elif kind == "notice_acknowledged":
        for n in all_:
            if n["id"] == str(e["notice"]) and "acknowledged_at" not in n:
                n.update(acknowledged_by=e["by"], acknowledged_at=e["at"])


def fold_watched(world, e):
    kind = e["event"]
    if kind == "alert_on":
        world["alerts"][e["alert"]] = {"id": e["alert"], "name": e["name"], "level": e["level"], "since_at": e["at"],
                                       "value": e["value"], **({"test": True} if e["test"] else {})}
    elif kind == "alert_off":
        world["alerts"].pop(e["alert"], None)
    elif kind == "alert_acknowledged" and e["alert"] in world["alerts"]:
        world["alerts"][e["alert"]]["acknowledged_by"] = e["by"]
    elif kind == "message":
        m = {"id": str(e["seq"]), **{k: e[k] for k in ("at", "by", "to", "text")}}
        put(m, "name", e["name"])
        put(m, "urgent", e["urgent"])
        world["messages"][m["id"]] = m
    elif kind == "message_read":
        world["messages"].pop(str(e["message"]), None)


def fold_agent(a, e):
    kind = e["event"]
    if kind == "agent_presence":
        a["presence"], a["since_at"] = e["to"], e["at"]
        put(a, "reason", e["reason"])
        put(a, "next_presence", None)
        put(a, "next_reason", None)
        put(a, "reason_over", None)
    elif kind == "agent_work":
        a["work"], a["since_at"] = e["to"], e["at"]
    elif kind == "agent_next":
        put(a, "next_presence", e["next"])
        put(a, "next_reason", e["reason"])
    elif kind == "agent_phone":
        a["phone"] = {**a["phone"], "ready": e["ready"]}
    elif kind == "agent_connecting":
        put(a, "connecting", e["on"])
    elif kind == "reason_over":
        a["reason_over"] = True
    elif kind == "agent_skills":
        put(a, "skills_until_at", moment(e["until_at"]))


def later(at, ms):
    whole, _, part = at[:-1].partition(".")
    from calendar import timegm
    total = timegm(time.strptime(whole, "%Y-%m-%dT%H:%M:%S")) * 1000 + int(part) + ms
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(total // 1000)) + f".{total % 1000:03d}Z"


def serving(c):
    return [p for p in c["parties"] if p["kind"] == "agent" and not p.get("caller")]


def party(c, kind, name):
    return next((p for p in reversed(c["parties"]) if (p["kind"], p["id"]) == (kind, name)), None)


def move(p, state, at):
    if p and p["state"] != state:
        p["state"], p["since_at"] = state, at


def flow_over(c):
    for key in ("flow", "node", "via_flow", "via_node"):
        put(c, key, None)


def flow_left(c):
    """He waits where this node sent him."""
    if "node" in c:
        put(c, "via_flow", c["flow"])
        put(c, "via_node", c["node"])
    put(c, "flow", None)
    put(c, "node", None)


def fold_contact(c, e):
    f = FOLDS.get(e["event"])
    if f:
        f(c, e)
    held = any_held(c)
    put(c, "held", held)
    state = state_of(c, held)
    if state != c["state"]:
        c["state"], c["since_at"] = state, e["at"]


def any_held(c):
    for p in serving(c):
        if "consult" in c or p["state"] != "held":
            return p["state"] == "held"
    return bool(serving(c))


def state_of(c, held):
    has = [(p["kind"], p["state"]) for p in c["parties"]]
    return ("held" if held else "talking") if serving(c) else "offered" if c["offers"] else \
        "parked" if "park" in c else "waiting" if "enqueued_at" in c else "flow" if "flow" in c else \
        "offered" if ("agent", "dialling") in has else "talking" if ("number", "talking") in has else \
        "wrapping" if c["wraps"] else "ended" if "disconnected_at" in c else "flow"


def on_flow_step(c, e):
    if not serving(c) and "enqueued_at" not in c and "disconnected_at" not in c:
        flow_over(c)
        put(c, "flow", e["flow"])
        put(c, "node", e["node"])


def on_help_wanted(c, e):
    c["help"] = {"agent": e["agent"], "since_at": e["at"]}
    put(c["help"], "text", e["text"])


def on_enqueue(c, e):
    flow_left(c)
    put(c, "queue", e["queue"])
    put(c, "enqueued_at", e["at"])
    put(c, "priority_min", e["priority_min"])
    put(c, "consults", e["consults"])


def on_dequeue(c, e):
    if e["queue"] == c.get("queue"):
        for key in ("enqueued_at", "priority_min", "consults"):
            put(c, key, None)


def on_offer_end(c, e):
    if e["result"] == "accepted":
        for o in c["offers"]:
            if o["agent"] == e["agent"]:
                o["accepted"] = True
    else:
        c["offers"] = [o for o in c["offers"] if o["agent"] != e["agent"]]


def on_answer(c, e):
    flow_over(c)
    c["offers"] = [o for o in c["offers"] if o["agent"] != e["agent"]]
    if not serving(c):
        put(c, "agent", e["agent"])
    p = party(c, "agent", e["agent"])
    if p:
        move(p, "talking", e["at"])
        put(p, "caller", None)
    else:
        c["parties"].append({"kind": "agent", "id": e["agent"], "state": "talking", "since_at": e["at"]})


def begin_wrap(c, e):
    wrap = next((w for w in c["wraps"] if w["agent"] == e["agent"]), None)
    if not wrap:
        wrap = {"agent": e["agent"], "since_at": e["at"]}
        put(wrap, "queue", e["queue"])
        c["wraps"].append(wrap)
    return wrap


def on_agent_end(c, e):
    left = party(c, "agent", e["agent"]) if e["agent"] else next(iter(serving(c)), None)
    c["parties"] = [p for p in c["parties"] if p is not left]
    if e["wraps"]:
        begin_wrap(c, e)
    if serving(c) and c.get("agent") == e["agent"]:
        c["agent"] = serving(c)[0]["id"]


def on_agent_dial(c, e):
    put(c, "agent", e["agent"])
    put(c, "queue", e["queue"])
    c["parties"].append({"kind": "agent", "id": e["agent"], "state": "dialling", "since_at": e["at"],
                         "caller": True})


def on_agent_work(c, e):
    p = party(c, "agent", e["agent"])
    if p and p["state"] == "dialling" and e["to"] == "talking":
        move(p, "talking", e["at"])


def drop(kind, key):
    def on(c, e):
        p = party(c, kind, e[key])
        c["parties"] = [q for q in c["parties"] if q is not p]
    return on


def on_wrap_start(c, e):
    put(begin_wrap(c, e), "until_at", e["limit_ms"] and later(e["at"], e["limit_ms"]))


def on_wrap_extended(c, e):
    for w in c["wraps"]:
        if w["agent"] == e["agent"] and "until_at" in w:
            w["until_at"] = later(w["until_at"], e["by_ms"])


def on_dial(c, e):
    p = {"kind": "number", "id": e["number"], "state": "ringing", "since_at": e["at"]}
    put(p, "callee", e["callee"])
    c["parties"].append(p)


def called(c, e):
    return next((p for p in reversed(c["parties"]) if p["kind"] == "number" and p["id"] == e["number"]
                 and p.get("callee", 0) == e["callee"]), None)


def on_dial_end(c, e):
    p = called(c, e)
    c["parties"] = [q for q in c["parties"] if q is not p]


def on_mute(on):
    def fold(c, e):
        kind = {"agent": "agent", "callee": "number", "supervisor": "supervisor"}.get(e["party"])
        row = c if e["party"] == "customer" else kind and party(c, kind, e["name"])
        if row:
            put(row, "muted", on)
    return fold


def on_park(c, e):
    c["park"] = {"until_at": later(e["at"], e["timeout_ms"])}
    for key in ("agent", "queue", "slot"):
        put(c["park"], key, e[key])


def on_recording_end(c, e):
    if e["recording"] == c.get("recording_id"):
        c["recording"] = "off"
        put(c, "recording_id", None)


def on_linked(c, e):
    if "customer" not in c or e["how"] != "exact":
        put(c, "customer", e["customer"])


def on_disconnect(c, e):
    c["disconnected_at"], c["ended_by"] = e["at"], e["by"]
    flow_over(c)
    put(c, "park", None)


def record(state):
    def fold(c, e):
        if c["recording"] != "off":
            c["recording"] = state
    return fold


FOLDS = {
    "flow_step": on_flow_step, "ivr_end": lambda c, e: flow_left(c), "enqueue": on_enqueue, "dequeue": on_dequeue,
    "place_resumed": lambda c, e: put(c, "priority_min", e["priority_min"]),
    "prioritised": lambda c, e: put(c, "priority_min", e["priority_min"]),
    "offer": lambda c, e: c["offers"].append({"agent": e["agent"], "at": e["at"],
                                              "until_at": later(e["at"], e["ring_ms"])}),
    "offer_end": on_offer_end, "answer": on_answer, "agent_end": on_agent_end, "agent_dial": on_agent_dial,
    "agent_dial_end": drop("agent", "agent"), "agent_work": on_agent_work, "wrap_start": on_wrap_start,
    "wrap_extended": on_wrap_extended,
    "wrap_end": lambda c, e: c.update(wraps=[w for w in c["wraps"] if w["agent"] != e["agent"]]),
    "hold_on": lambda c, e: move(party(c, "agent", e["agent"]), "held", e["at"]),
    "hold_off": lambda c, e: move(party(c, "agent", e["agent"]), "talking", e["at"]),
    "conf_on": lambda c, e: put(party(c, "agent", e["agent"]) or {}, "conference", True),
    "conf_off": lambda c, e: put(party(c, "agent", e["agent"]) or {}, "conference", None),
    "consult_start": lambda c, e: c.update(consult={"agent": e["agent"], "target": e["target"], "name": e["name"],
                                                    "since_at": e["at"]}),
    "consult_end": lambda c, e: put(c, "consult", None), "park": on_park,
    "park_end": lambda c, e: put(c, "park", None), "mute_on": on_mute(True), "mute_off": on_mute(False),
    "monitor_start": lambda c, e: c["parties"].append({"kind": "supervisor", "id": e["agent"], "state": e["mode"],
                                                       "since_at": e["at"]}),
    "help_wanted": on_help_wanted, "help_end": lambda c, e: put(c, "help", None),
    "monitor_end": drop("supervisor", "agent"), "dial": on_dial,
    "dial_answer": lambda c, e: move(called(c, e), "talking", e["at"]), "dial_end": on_dial_end,
    "recording_start": lambda c, e: c.update(recording="on", recording_id=e["recording"]),
    "recording_end": on_recording_end, "record_pause": record("paused"), "record_resume": record("on"),
    "customer_linked": on_linked, "disconnect": on_disconnect,
    "diverted": lambda c, e: put(c, "diverted", e["number"]),
    "identity": lambda c, e: put(c, "verstat", e["verstat"]),
}


def fold(desk):
    """What this desk has made of all it was told."""
    world = None
    for _, m in list(desk.messages):
        if "snapshot" in m:
            world = world_of(json.loads(json.dumps(m["snapshot"])))
        elif "event" in m:
            world = apply(world, m)
    return world
