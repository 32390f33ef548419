"""A UDP gateway that speaks badvpn's udpgw, written for the tests from the protocol's description (badvpn itself is
in no package of Debian's): little-endian lengths and conids, a socket for each conid, REBIND, at most 256 conids of
which the least recently used gives way, no answer to keepalives.

Argument: PORT. Listens on 127.0.0.1.
"""

import asyncio
import collections
import socket
import struct
import sys

KEEPALIVE, REBIND, IPV6 = 1, 2, 8
MAX_CONIDS = 256


class Connection(asyncio.DatagramProtocol):
    """One conid's socket. What comes to it, from whoever, is said to come from where the client sent to."""

    def __init__(self, client, conid, address):
        self.client, self.conid, self.address = client, conid, address
        self.waiting = []
        self.transport = None

    def connection_made(self, transport):
        self.transport = transport
        for data in self.waiting:
            self.send(data)

    def send(self, data):
        if self.transport is None:
            self.waiting.append(data)
        else:
            self.transport.sendto(data, self.address[:2])

    def datagram_received(self, data, source):
        host, port = self.address
        six = ":" in host
        packed = socket.inet_pton(socket.AF_INET6 if six else socket.AF_INET, host)
        body = struct.pack("<BH", IPV6 if six else 0, self.conid) + packed + struct.pack(">H", port) + data
        self.client.write(struct.pack("<H", len(body)) + body)

    def error_received(self, error):
        pass

    def close(self):
        if self.transport is not None:
            self.transport.close()


async def serve(reader, writer):
    connections = collections.OrderedDict()
    loop = asyncio.get_running_loop()
    try:
        while True:
            (size,) = struct.unpack("<H", await reader.readexactly(2))
            body = await reader.readexactly(size)
            flags, conid = struct.unpack_from("<BH", body)
            if flags & KEEPALIVE:
                continue
            host_size = 16 if flags & IPV6 else 4
            host = socket.inet_ntop(socket.AF_INET6 if flags & IPV6 else socket.AF_INET, body[3:3 + host_size])
            (port,) = struct.unpack_from(">H", body, 3 + host_size)
            known = connections.pop(conid, None)
            if known is not None and (flags & REBIND or known.address != (host, port)):
                known.close()
                known = None
            if known is None:
                if len(connections) == MAX_CONIDS:
                    connections.popitem(last=False)[1].close()
                known = Connection(writer, conid, (host, port))
                local = ("::1" if host == "::1" else "::", 0) if ":" in host else ("0.0.0.0", 0)
                await loop.create_datagram_endpoint(lambda: known, local_addr=local)
            connections[conid] = known
            known.send(body[3 + host_size + 2:])
    except (asyncio.IncompleteReadError, ConnectionError):
        pass
    finally:
        for each in connections.values():
            each.close()
        writer.close()


async def main():
    server = await asyncio.start_server(serve, "127.0.0.1", int(sys.argv[1]))
    await server.serve_forever()


asyncio.run(main())
