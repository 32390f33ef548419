"""An SSH server on Paramiko that lets one user in with one key and forwards to wherever it is asked, and
runs commands.

Arguments: PORT USER HOST_KEY_FILE AUTHORIZED_KEYS_FILE. Listens on 127.0.0.1.
"""

import socket
import subprocess
import sys
import threading
import warnings

warnings.simplefilter("ignore")
import paramiko  # noqa: E402 (its import warns about old ciphers)
from cryptography.hazmat.primitives.asymmetric import ec, rsa  # noqa: E402
from cryptography.hazmat.primitives.serialization import load_ssh_private_key  # noqa: E402

PORT, USER, HOST_KEY_FILE, AUTHORIZED_KEYS_FILE = sys.argv[1:]


# Paramiko 2.12 itself misreads some ECDSA keys of OpenSSH's form.
def load_key(path):
    with open(path, "rb") as file:
        key = load_ssh_private_key(file.read(), None)
    if isinstance(key, ec.EllipticCurvePrivateKey):
        return paramiko.ECDSAKey(vals=(key, key.public_key()))
    if isinstance(key, rsa.RSAPrivateKey):
        return paramiko.RSAKey(key=key)
    return paramiko.Ed25519Key(filename=path)


HOST_KEY = load_key(HOST_KEY_FILE)
with open(AUTHORIZED_KEYS_FILE) as keys:
    ALLOWED_KEY = keys.read().split()[1]


class Server(paramiko.ServerInterface):
    def __init__(self):
        self.targets = {}

    def get_allowed_auths(self, username):
        return "publickey"

    def check_auth_publickey(self, username, key):
        allowed = username == USER and key.get_base64() == ALLOWED_KEY
        return paramiko.AUTH_SUCCESSFUL if allowed else paramiko.AUTH_FAILED

    # Runs in the transport's thread and holds up its other channels, which a target on loopback hardly does.
    def check_channel_direct_tcpip_request(self, chanid, origin, destination):
        try:
            self.targets[chanid] = socket.create_connection(destination)
        except OSError:
            return paramiko.OPEN_FAILED_CONNECT_FAILED
        return paramiko.OPEN_SUCCEEDED

    def check_channel_request(self, kind, chanid):
        return paramiko.OPEN_SUCCEEDED if kind == "session" else paramiko.OPEN_FAILED_UNKNOWN_CHANNEL_TYPE

    def check_channel_exec_request(self, channel, command):
        start(run, channel, command)
        return True


def run(channel, command):
    process = subprocess.Popen(command, shell=True, bufsize=0, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE)

    def feed():
        try:
            while data := channel.recv(65536):
                process.stdin.write(data)
        except OSError:
            pass
        process.stdin.close()

    def pass_on(source, send):
        try:
            while data := source.read(65536):
                send(data)
        except OSError:
            process.kill()

    start(feed)
    errors = start(pass_on, process.stderr, channel.sendall_stderr)
    pass_on(process.stdout, channel.sendall)
    errors.join()
    channel.send_exit_status(process.wait())
    channel.close()


def pump(source, sink, end_of_stream):
    try:
        while data := source.recv(65536):
            sink.sendall(data)
        end_of_stream()
    except OSError:
        # The sink is gone: the source has nowhere to go either.
        source.close()


def forward(channel, target):
    upwards = start(pump, channel, target, lambda: target.shutdown(socket.SHUT_WR))
    pump(target, channel, channel.shutdown_write)
    upwards.join()
    target.close()
    channel.close()


def serve(client):
    server = Server()
    transport = paramiko.Transport(client)
    transport.add_server_key(HOST_KEY)
    transport.start_server(server=server)
    while transport.is_active():
        channel = transport.accept(1)
        # Sessions are served from their requests on.
        if channel is not None and channel.get_id() in server.targets:
            start(forward, channel, server.targets.pop(channel.get_id()))


def start(function, *arguments):
    thread = threading.Thread(target=function, args=arguments, daemon=True)
    thread.start()
    return thread


listener = socket.create_server(("127.0.0.1", int(PORT)))
while True:
    start(serve, listener.accept()[0])
