"""A mail server for tests: aiosmtpd on loopback, told how to behave; what it took can be read back."""
import email
import email.policy
import sys

sys.path.append("/usr/lib/python3/dist-packages")  # Debian's, when another python runs this
from aiosmtpd.controller import Controller  # noqa: E402

from harness import free_port


class Mailbox:
    """with Mailbox() as box: box.url, box.mails (parsed), box.answer = "451 later" for refusals."""

    def __init__(self):
        self.port = free_port()
        self.url = f"smtp://127.0.0.1:{self.port}"
        self.mails, self.raw, self.answer, self.tries = [], [], None, 0
        self.recipients = []
        self.controller = None

    async def handle_DATA(self, server, session, envelope):
        self.tries += 1
        if self.answer:
            return self.answer
        self.raw.append(envelope.content)
        self.recipients.append(envelope.rcpt_tos)
        self.mails.append(email.message_from_bytes(envelope.content, policy=email.policy.default))
        return "250 taken"

    def open(self):
        self.controller = Controller(self, hostname="127.0.0.1", port=self.port, ready_timeout=60)
        self.controller.start()
        return self

    def close(self):
        if self.controller:
            self.controller.stop()
        self.controller = None

    def __enter__(self):
        return self.open()

    def __exit__(self, *_):
        self.close()
