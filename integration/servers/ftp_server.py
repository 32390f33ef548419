"""An FTP server that lets anybody read and write one directory.

Arguments: DIRECTORY. Listens on a port of 127.0.0.1, which it prints: "port 12345".
"""

import sys

from pyftpdlib.authorizers import DummyAuthorizer
from pyftpdlib.handlers import FTPHandler
from pyftpdlib.servers import FTPServer


class Handler(FTPHandler):
    authorizer = DummyAuthorizer()
    # Only active mode: the server connects to the client.
    proto_cmds = {name: use for name, use in FTPHandler.proto_cmds.items() if name not in ("PASV", "EPSV")}


Handler.authorizer.add_user("tester", "secret", sys.argv[1], perm="elrw")
server = FTPServer(("127.0.0.1", 0), Handler)
print("port", server.address[1], flush=True)
server.serve_forever()
