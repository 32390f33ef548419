"""An SSH server (asyncssh) that asks for a password, which an sshd without PAM has no account to check with.

Arguments: HOST_KEY_FILE USER PASSWORD METHOD PORT, where METHOD is "password" or "keyboard-interactive", and
PORT 0 lets the system choose.
Prints "port N" when it listens on 127.0.0.1, and forwards whatever a logged-in user asks for.
"""

import asyncio
import sys
import warnings

warnings.simplefilter("ignore")
import asyncssh  # noqa: E402 (its import warns about old ciphers)

HOST_KEY_FILE, USER, PASSWORD, METHOD, PORT = sys.argv[1:]


class Server(asyncssh.SSHServer):
    def begin_auth(self, username):
        return True

    def password_auth_supported(self):
        return METHOD == "password"

    def validate_password(self, username, password):
        return (username, password) == (USER, PASSWORD)

    def kbdint_auth_supported(self):
        return METHOD == "keyboard-interactive"

    def get_kbdint_challenge(self, username, lang, submethods):
        return "", "", "", [("Secret word: ", False)]

    def validate_kbdint_response(self, username, responses):
        return (username, responses) == (USER, [PASSWORD])

    def connection_requested(self, dest_host, dest_port, orig_host, orig_port):
        return True


async def main():
    listener = await asyncssh.listen(
        "127.0.0.1", int(PORT), server_factory=Server, server_host_keys=[HOST_KEY_FILE],
        reuse_address=True)
    print("port", listener.sockets[0].getsockname()[1], flush=True)
    await listener.wait_closed()


asyncio.run(main())
