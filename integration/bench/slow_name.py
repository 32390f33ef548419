#!/usr/bin/env python3
"""What a name costs the others that its look-up keeps the SSH server waiting for: docs/names.md has the figures.

Argument: the program, build/release/cmd/tunnel/tunnel. As root: the name server that the SSH server asks needs port
53, of an address of the loopback, and the SSH server a mount namespace with a resolv.conf of its own.

Twenty flows send 64 octets to an echo server and wait for them, a hundred times a second. Then somebody asks for
slow.test, of which the name server says nothing, so that a look-up fails after 5 s.
"""

import asyncio
import os
import pathlib
import pwd
import socket
import statistics
import struct
import subprocess
import sys
import tempfile
import time

NAME_SERVER = "127.77.0.53"
FLOWS = 20


class Udp(asyncio.DatagramProtocol):
    def connection_made(self, transport):
        self.transport = transport

    def datagram_received(self, query, client):
        answer = answer_to(query)
        if answer:
            self.transport.sendto(answer, client)


def answer_to(query):
    """Nothing for names that begin with slow, no such name for all others."""
    if query[13:17] == b"slow":
        return None
    end = query.index(0, 12) + 5
    return query[:2] + b"\x81\x83\0\1\0\0\0\0\0\0" + query[12:end]


async def serve_dns(reader, writer):
    try:
        while True:
            size = struct.unpack(">H", await reader.readexactly(2))[0]
            answer = answer_to(await reader.readexactly(size))
            if answer:
                writer.write(struct.pack(">H", len(answer)) + answer)
    except asyncio.IncompleteReadError:
        writer.close()


async def serve_echo(reader, writer):
    try:
        while data := await reader.read(65536):
            writer.write(data)
    except (OSError, asyncio.CancelledError):
        pass  # Its tunnel has ended, or all of this.
    writer.close()


async def connect(port, host, target):
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    name = host.encode()
    writer.write(b"\5\1\0\5\1\0\3" + bytes([len(name)]) + name + struct.pack(">H", target))
    await reader.readexactly(2)
    reply = await reader.readexactly(10)
    return reader, writer, reply[1]


async def ping(reader, writer, times, over):
    while not over.is_set():
        begun = time.monotonic()
        writer.write(bytes(64))
        await reader.readexactly(64)
        times.append(time.monotonic() - begun)
        await asyncio.sleep(0.01)


async def measure(port, echo):
    flows = [await connect(port, "127.0.0.1", echo) for _ in range(FLOWS)]
    over, times = asyncio.Event(), [[] for _ in flows]
    pings = [asyncio.ensure_future(ping(reader, writer, each, over))
             for (reader, writer, _), each in zip(flows, times)]
    await asyncio.sleep(1)
    for each in times:
        each.clear()
    begun = time.monotonic()
    try:
        _, _, code = await connect(port, "slow.test", 80)
        ending = f"reply {code:02x}"
    except asyncio.IncompleteReadError:
        ending = "closed"
    took = time.monotonic() - begun
    await asyncio.sleep(0.5)
    over.set()
    await asyncio.gather(*pings)
    everything = sorted(time for each in times for time in each)
    for _, writer, _ in flows:
        writer.close()
    return statistics.median(everything), everything[-1], took, ending


def free_port():
    with socket.socket() as place:
        place.bind(("127.0.0.1", 0))
        return place.getsockname()[1]


def start_server(folder, port):
    for name in ("host", "user"):
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", folder / name], check=True)
    (folder / "resolv.conf").write_text(f"nameserver {NAME_SERVER}\noptions timeout:5 attempts:1\n")
    host_key = (folder / "host.pub").read_text()
    (folder / "known_hosts").write_text(f"[127.0.0.1]:{port} {host_key}")
    (folder / "sshd_config").write_text(
        f"Port {port}\nListenAddress 127.0.0.1\nHostKey {folder}/host\nAuthorizedKeysFile {folder}/user.pub\n"
        "PidFile none\nStrictModes no\nUsePAM no\nPermitRootLogin yes\n")
    os.makedirs("/run/sshd", exist_ok=True)
    return subprocess.Popen(["unshare", "--mount", "sh", "-c",
                             f"mount --bind {folder}/resolv.conf /etc/resolv.conf && "
                             f"exec /usr/sbin/sshd -D -e -f {folder}/sshd_config"], stderr=subprocess.DEVNULL)


async def until_open(port):
    for _ in range(200):
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.close()
            return
        except OSError:
            await asyncio.sleep(0.05)
    sys.exit(f"nothing listens on port {port}")


async def main():
    tunnel = sys.argv[1]
    loop = asyncio.get_running_loop()
    await loop.create_datagram_endpoint(Udp, local_addr=(NAME_SERVER, 53))
    await asyncio.start_server(serve_dns, NAME_SERVER, 53)
    echo = await asyncio.start_server(serve_echo, "127.0.0.1", 0)
    echo_port = echo.sockets[0].getsockname()[1]
    with tempfile.TemporaryDirectory() as name:
        folder, port = pathlib.Path(name), free_port()
        server = start_server(folder, port)
        await until_open(port)
        common = ["-F", "none", "-p", str(port), "-i", f"{folder}/user", "-o",
                  f"UserKnownHostsFile={folder}/known_hosts",
                  "-o", "BatchMode=yes", "-o", "IdentitiesOnly=yes", "-N", "-q",
                  f"{pwd.getpwuid(os.geteuid()).pw_name}@127.0.0.1"]
        subjects = {"`ssh -D`": ["ssh"], "`tunnel`": [tunnel], "`tunnel --dns`": [tunnel, "--dns", NAME_SERVER],
                    "`tunnel --dns auto`": [tunnel, "--dns", "auto"]}
        print("| | median wait | longest wait | the slow name's end |\n| --- | --- | --- | --- |")
        for title, command in subjects.items():
            listening = free_port()
            subject = subprocess.Popen(command[:1] + ["-D", f"127.0.0.1:{listening}"] + command[1:] + common)
            await until_open(listening)
            median, longest, took, ending = await measure(listening, echo_port)
            print(f"| {title} | {median * 1000:.1f} ms | {longest * 1000:.0f} ms | {ending} after {took:.1f} s |",
                  flush=True)
            subject.terminate()
            subject.wait()
        server.terminate()
        server.wait()


asyncio.run(main())
