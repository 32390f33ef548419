"""An SSH server on AsyncSSH that lets one user in with one key and forwards to wherever it is asked, and
runs commands.

Arguments: PORT USER HOST_KEY_FILE AUTHORIZED_KEYS_FILE [OPTION=VALUE ...], where the options are those of
asyncssh.listen that choose algorithms. Listens on 127.0.0.1.
"""

import asyncio
import subprocess
import sys
import warnings

warnings.simplefilter("ignore")
import asyncssh  # noqa: E402 (its import warns about old ciphers)

PORT, USER, HOST_KEY_FILE, AUTHORIZED_KEYS_FILE, *OPTIONS = sys.argv[1:]


class Server(asyncssh.SSHServer):
    def connection_made(self, conn):
        self.connection = conn

    def begin_auth(self, username):
        # Whoever else asks has no key that counts.
        keys = AUTHORIZED_KEYS_FILE if username == USER else []
        self.connection.set_authorized_keys(keys)
        return True

    def connection_requested(self, dest_host, dest_port, orig_host, orig_port):
        return True


async def run(process):
    command = subprocess.Popen(process.command, shell=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE)
    await process.redirect(stdin=command.stdin, stdout=command.stdout, stderr=command.stderr)
    await process.stdout.drain()
    process.exit(await asyncio.get_running_loop().run_in_executor(None, command.wait))


async def main():
    listener = await asyncssh.listen(
        "127.0.0.1", int(PORT), server_factory=Server, server_host_keys=[HOST_KEY_FILE],
        process_factory=run, encoding=None,
        **dict(option.split("=", 1) for option in OPTIONS))
    await listener.wait_closed()


asyncio.run(main())
