"""Peers that mean ill, or behave as if they did (faults.md section 1)."""
import resource
import socket

from harness import House, Skip, wait_until


def test_silent_streams_do_not_shut_sip_out():
    """More TCP connections than there are places, none of which says a word: who speaks is served."""
    if resource.getrlimit(resource.RLIMIT_NOFILE)[0] < 4400:
        raise Skip("needs 4,400 descriptors")
    with House() as h:
        host, _, port = h.server.sip.rpartition(":")
        silent = [socket.create_connection((host, int(port)), timeout=5) for _ in range(4010)]


        def served():
            try:
                with socket.create_connection((host, int(port)), timeout=5) as s:
                    s.sendall(b"OPTIONS sip:x@h SIP/2.0\r\nVia: SIP/2.0/TCP 127.0.0.1:9;branch=z9hG4bKq1\r\n"
                              b"Max-Forwards: 70\r\nFrom: <sip:a@b>;tag=1\r\nTo: <sip:x@y>\r\n"
                              b"Call-ID: silent\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n")
                    return s.recv(100).startswith(b"SIP/2.0 200")
            except OSError:
                return False
        try:
            # a place is taken from who has been silent for 2 s, counted from when the server took him in
            wait_until(served, 10, "who speaks is served", every=0.5)
        finally:
            for s in silent:
                s.close()
