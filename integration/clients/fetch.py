"""Prints what a URL serves. Knows nothing of proxies: for wrappers that redirect a program's connections."""

import sys
import urllib.request

opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
print(opener.open(sys.argv[1], timeout=20).read().decode())
