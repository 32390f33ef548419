"""Sends a datagram through a SOCKS5 proxy with PySocks, and prints what comes back and from where.

Arguments: PROXY_PORT TARGET_HOST TARGET_PORT TEXT.
"""

import sys

import socks

proxy_port, host, port, text = sys.argv[1:]
through = socks.socksocket(socks.socket.AF_INET, socks.socket.SOCK_DGRAM)
through.set_proxy(socks.SOCKS5, "127.0.0.1", int(proxy_port), rdns=True)
through.settimeout(15)
through.sendto(text.encode(), (host, int(port)))
data, source = through.recvfrom(65536)
print(data.decode(), source[0], source[1])
