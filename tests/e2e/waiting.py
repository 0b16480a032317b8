"""waiting.py - waiting for a fact, on a machine that may be slow."""
import time

LOOK = 0.03


def wait_until(what, seconds=5.0, message="", every=LOOK):
    """Calls what() until it returns something true, and returns that.

    The seconds are those of a machine at its ease: it goes on until it has looked as often as such a machine does in
    them, though a busy one takes longer for that, up to five times as long.
    """
    began, looks = time.monotonic(), 0
    while True:
        found = what()
        if found:
            return found
        looks += 1
        passed = time.monotonic() - began
        if passed > seconds and (looks * max(every, LOOK) > seconds or passed > 5 * seconds):
            raise AssertionError(f"{message or getattr(what, '__name__', 'it')}: not within "
                                 f"{seconds} s (last: {found!r})")
        time.sleep(every)


def happens(event, seconds):
    """As event.wait(seconds), of a threading.Event."""
    try:
        return wait_until(lambda: event.wait(LOOK), seconds, every=0)
    except AssertionError:
        return False
