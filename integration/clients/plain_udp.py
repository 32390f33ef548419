"""Sends a datagram and prints what comes back and from where: a program that knows nothing of proxies.

Arguments: TARGET_HOST TARGET_PORT TEXT.
"""

import socket
import sys

host, port, text = sys.argv[1:]
plain = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
plain.settimeout(15)
plain.sendto(text.encode(), (host, int(port)))
data, source = plain.recvfrom(65536)
print(data.decode(), source[0], source[1])
