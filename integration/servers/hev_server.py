"""A SOCKS5 server with hev-socks5-server's UDP in TCP (command 5) and nothing else, written for the tests from the
protocol's description (it is in no package of Debian's). As the real one it takes nothing more from a stream that
brings it more than 1,500 octets of address and data.

Argument: PORT. Listens on 127.0.0.1.
"""

import asyncio
import socket
import struct
import sys

LIMIT = 1500


class Replies(asyncio.DatagramProtocol):
    def __init__(self, writer):
        self.writer = writer

    def datagram_received(self, data, source):
        host = socket.inet_pton(socket.AF_INET6 if ":" in source[0] else socket.AF_INET, source[0])
        address = bytes([4 if len(host) == 16 else 1]) + host + struct.pack(">H", source[1])
        data = data[:LIMIT]
        self.writer.write(struct.pack(">HB", len(data), 3 + len(address)) + address + data)

    def error_received(self, error):
        pass


async def serve(reader, writer):
    loop = asyncio.get_running_loop()
    sockets = {}
    try:
        _, count = await reader.readexactly(2)
        await reader.readexactly(count)
        writer.write(b"\x05\x00")
        request = await reader.readexactly(10)
        assert request[:2] == b"\x05\x05" and request[3] == 1
        writer.write(b"\x05\x00\x00\x01" + bytes(6))
        while True:
            size, head = struct.unpack(">HB", await reader.readexactly(3))
            address = await reader.readexactly(head - 3)
            if size + len(address) > LIMIT:
                await reader.read(-1)
                break
            data = await reader.readexactly(size)
            (port,) = struct.unpack(">H", address[-2:])
            if address[0] == 3:
                host = await loop.run_in_executor(None, socket.gethostbyname, address[2:-2].decode())
            else:
                host = socket.inet_ntop(socket.AF_INET6 if address[0] == 4 else socket.AF_INET, address[1:-2])
            family = socket.AF_INET6 if ":" in host else socket.AF_INET
            if family not in sockets:
                local = ("::" if family == socket.AF_INET6 else "0.0.0.0", 0)
                sockets[family], _ = await loop.create_datagram_endpoint(lambda: Replies(writer), local_addr=local)
            sockets[family].sendto(data, (host, port))
    except (asyncio.IncompleteReadError, ConnectionError, AssertionError):
        pass
    finally:
        for each in sockets.values():
            each.close()
        writer.close()


async def main():
    server = await asyncio.start_server(serve, "127.0.0.1", int(sys.argv[1]))
    await server.serve_forever()


asyncio.run(main())
