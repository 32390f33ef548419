"""An SSH server on Twisted Conch that lets one user in with one key and forwards to wherever it is
asked, and runs commands.

Arguments: PORT USER HOST_KEY_FILE AUTHORIZED_KEYS_FILE. Listens on 127.0.0.1.
"""

import os
import sys

from twisted.conch import avatar, checkers
from twisted.conch.ssh import connection, factory, forwarding, keys, session, userauth
from twisted.cred import portal
from twisted.internet import error, reactor
from twisted.python import components
from zope.interface import implementer

PORT, USER, HOST_KEY_FILE, AUTHORIZED_KEYS_FILE = sys.argv[1:]


class Avatar(avatar.ConchUser):
    def __init__(self):
        super().__init__()
        self.channelLookup[b"session"] = session.SSHSession
        self.channelLookup[b"direct-tcpip"] = forwarding.openConnectForwardingClient


@implementer(session.ISession)
class Session:
    def __init__(self, avatar):
        self.process = None

    def execCommand(self, protocol, command):
        self.process = reactor.spawnProcess(protocol, "/bin/sh", ["/bin/sh", "-c", command], env=os.environ)

    def eofReceived(self):
        self.process.closeStdin()

    def closed(self):
        try:
            self.process.signalProcess("KILL")
        except error.ProcessExitedAlready:
            pass


components.registerAdapter(Session, Avatar, session.ISession)


@implementer(portal.IRealm)
class Realm:
    def requestAvatar(self, avatar_id, mind, *interfaces):
        return interfaces[0], Avatar(), lambda: None


class Factory(factory.SSHFactory):
    services = {b"ssh-userauth": userauth.SSHUserAuthServer, b"ssh-connection": connection.SSHConnection}

    def __init__(self):
        host_key = keys.Key.fromFile(HOST_KEY_FILE)
        self.privateKeys = {host_key.sshType(): host_key}
        self.publicKeys = {host_key.sshType(): host_key.public()}
        allowed = checkers.InMemorySSHKeyDB({USER.encode(): [keys.Key.fromFile(AUTHORIZED_KEYS_FILE)]})
        self.portal = portal.Portal(Realm(), [checkers.SSHPublicKeyChecker(allowed)])


reactor.listenTCP(int(PORT), Factory(), interface="127.0.0.1")
reactor.run()
