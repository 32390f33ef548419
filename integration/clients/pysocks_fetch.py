"""Fetches URLs through PySocks. Arguments: PROXY_PORT HOST PORT.

Asks with SOCKS5 and SOCKS4, the name resolved by the proxy, and prints one body per line.
"""

import sys

import socks

proxy_port, host, port = int(sys.argv[1]), sys.argv[2], int(sys.argv[3])
for kind in (socks.SOCKS5, socks.SOCKS4):
    connection = socks.socksocket()
    connection.settimeout(20)
    connection.set_proxy(kind, "127.0.0.1", proxy_port, rdns=True)
    connection.connect((host, port))
    connection.sendall(b"GET / HTTP/1.0\r\n\r\n")
    answer = b"".join(iter(lambda: connection.recv(65536), b""))
    print(answer.partition(b"\r\n\r\n")[2].decode())
