"""Ports for servers of tests."""
import itertools
import random
import socket

# below the range of ephemeral ports; each port's turn comes once before the first one's comes again, so
# that two that are asked for before either is listened on are never the same
_turns = itertools.cycle(random.sample(range(10000, 30000), 20000))


def free_port():
    """A port that is free for UDP and TCP on the loopback now, and that nobody else here was given lately."""
    for port in itertools.islice(_turns, 200):
        try:
            with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as t, \
                    socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as u:
                t.bind(("127.0.0.1", port))
                u.bind(("127.0.0.1", port))
                return port
        except OSError:
            continue
    raise RuntimeError("no free port")
