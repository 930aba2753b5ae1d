# SPDX-License-Identifier: ISC
"""A real SMTP server for tests: smtpd.py ADDRESS PORT FOLDER [LOGIN PASSWORD CERT KEY]. Each mail becomes a file of FOLDER.
With a login it wants STARTTLS and AUTH before a mail."""
import asyncio
import pathlib
import ssl
import sys

from aiosmtpd.controller import UnthreadedController
from aiosmtpd.smtp import AuthResult, LoginPassword


class Keep:
    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.count = 0

    async def handle_DATA(self, server, session, envelope):
        self.count += 1
        head = f"X-From: {envelope.mail_from}\nX-To: {','.join(envelope.rcpt_tos)}\nX-TLS: {session.ssl is not None}\n"
        beside = self.folder / "next"
        beside.write_bytes(head.encode() + envelope.content)
        beside.rename(self.folder / f"{self.count}.mail")
        return "250 kept"


def main():
    address, port, folder, *secure = sys.argv[1:]
    options = {}
    if secure:
        login, password, cert, key = secure
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(cert, key)

        def known(server, session, envelope, mechanism, data):
            good = isinstance(data, LoginPassword) and (data.login, data.password) == (login.encode(), password.encode())
            return AuthResult(success=good, handled=good)
        options = {"tls_context": context, "require_starttls": True, "auth_required": True, "authenticator": known}
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    controller = UnthreadedController(Keep(folder), hostname=address, port=int(port), loop=loop, **options)
    controller.begin()
    print("serving", flush=True)
    loop.run_forever()


main()
