"""Makes the fuzz targets' seeds that no SSH server is needed for: keys, certificates, known_hosts, what an agent
answers and what SOCKS clients say, from OpenSSH's own programs and curl. scripts/record-corpus runs it.

Argument: CORPUS, the folder of the seeds. The keys are made for it and are nobody's.
"""

import base64
import os
import pathlib
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time

CORPUS = pathlib.Path(sys.argv[1])
# What signatures among the seeds are of (signed_text.hpp).
SIGNED = b"what was signed"
TYPES = {
    "ed25519": ["-t", "ed25519"],
    "ecdsa256": ["-t", "ecdsa", "-b", "256"],
    "ecdsa384": ["-t", "ecdsa", "-b", "384"],
    "ecdsa521": ["-t", "ecdsa", "-b", "521"],
    "rsa": ["-t", "rsa", "-b", "2048"],
}
# By their places among keys::signature_algorithms(), with the flags that an agent makes them by.
SIGNATURES = {"ed25519": [(0, 0)], "ecdsa256": [(1, 0)], "ecdsa384": [(2, 0)], "ecdsa521": [(3, 0)],
              "rsa": [(6, 4), (7, 2)]}
MAGIC = b"openssh-key-v1\0"


def run(*arguments):
    subprocess.run(arguments, check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                   stderr=subprocess.DEVNULL)


def seed(target, name, content):
    folder = CORPUS / target
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(content if isinstance(content, bytes) else content.encode())


def string(data):
    return struct.pack(">I", len(data)) + data


def short_string(data):
    return struct.pack(">H", len(data)) + data


def take_string(data):
    length = struct.unpack(">I", data[:4])[0]
    return data[4:4 + length], data[4 + length:]


def unarmoured(text):
    return base64.b64decode("".join(line for line in text.splitlines() if not line.startswith("-----")))


def blob_of(public_file):
    return base64.b64decode(public_file.read_text().split()[1])


# --- keys ------------------------------------------------------------------------------------------------------


def make_keys(folder):
    for name, arguments in TYPES.items():
        run("ssh-keygen", "-q", *arguments, "-N", "", "-C", "test key", "-f", folder / name)


def in_form(folder, name, form, passphrase=""):
    """The key's file in another form."""
    copy = folder / "copy"
    copy.write_bytes((folder / name).read_bytes())
    copy.chmod(0o600)
    run("ssh-keygen", "-q", "-p", "-a", "1", "-P", "", "-N", passphrase, *form, "-f", copy)
    return copy.read_text()


def private_section(container):
    """What private_key_fuzz.cpp puts into a container: the public key's length, the key, the section's content."""
    rest = container[len(MAGIC):]
    for _ in range(3):
        _, rest = take_string(rest)
    public, rest = take_string(rest[4:])
    section, _ = take_string(rest)
    return bytes([min(len(public), 255)]) + public + section[8:]


def key_seeds(folder):
    for name in TYPES:
        text = (folder / name).read_text()
        for target in ("key_file", "private_key"):
            seed(target, name, text)
            seed(target, name + "-container", unarmoured(text)[len(MAGIC):])
        seed("key_file", name + "-public", (folder / (name + ".pub")).read_text())
        seed("private_key", name + "-section", private_section(unarmoured(text)))
        seed("private_key", name + "-encrypted", in_form(folder, name, [], "passphrase"))
        seed("key_file", name + "-encrypted", in_form(folder, name, [], "passphrase"))
    for cipher in ("aes256-cbc", "aes128-ctr", "aes256-gcm@openssh.com"):
        seed("private_key", "ed25519-" + cipher.split("@")[0],
             in_form(folder, "ed25519", ["-Z", cipher], "passphrase"))
    # In private_key_fuzz.cpp's order of labels: PKCS#8, encrypted, PKCS#1, SEC 1.
    for name, form, label in (("rsa", "PKCS8", 0), ("ecdsa256", "PKCS8", 0), ("rsa", "PEM", 2),
                              ("ecdsa256", "PEM", 3)):
        text = in_form(folder, name, ["-m", form])
        seed("private_key", f"{name}-{form}", text)
        seed("private_key", f"{name}-{form}-content", bytes([label]) + unarmoured(text))
        seed("key_file", f"{name}-{form}", text)


# --- certificates ----------------------------------------------------------------------------------------------


def certificate_seeds(folder):
    long_ago, far_ahead = "20200101", "20400101"
    for name in TYPES:
        for authority in ("ed25519", "ecdsa256", "rsa"):
            run("ssh-keygen", "-q", "-s", folder / authority, "-h", "-I", "test host", "-n", "host.example,*.example",
                "-V", f"{long_ago}:{far_ahead}", "-z", "7", folder / (name + ".pub"))
            blob = blob_of(folder / (name + "-cert.pub"))
            seed("certificate", f"{name}-by-{authority}", b"\0" + blob)
        # Without the authority and its signature, which certificate_fuzz.cpp puts there.
        authority_blob = blob_of(folder / "rsa.pub")
        seed("certificate", f"{name}-terms", b"\1" + blob[:blob.index(string(authority_blob))])
    run("ssh-keygen", "-q", "-s", folder / "ed25519", "-I", "test user", "-n", "somebody", "-O", "force-command=true",
        "-O", "no-pty", folder / "ed25519.pub")
    seed("certificate", "user", b"\0" + blob_of(folder / "ed25519-cert.pub"))


# --- known_hosts -----------------------------------------------------------------------------------------------


def known_hosts_seeds(folder):
    keys = {name: (folder / (name + ".pub")).read_text().rsplit(None, 2)[0] for name in TYPES}
    names = {"plain": "host.example", "address": "host.example,192.0.2.1", "port": "[::1]:2222", "pattern":
             "*.example,!bad.example"}
    for (name, hosts), key in zip(names.items(), keys.values()):
        seed("known_hosts", name, f"{hosts} {key} a comment\n")
    seed("known_hosts", "authority", f"@cert-authority *.example {keys['ed25519']}\n")
    seed("known_hosts", "revoked", f"@revoked host.example {keys['ecdsa256']}\n")
    file = folder / "known_hosts"
    file.write_text(f"host.example {keys['ed25519']}\n")
    run("ssh-keygen", "-H", "-f", file)
    seed("known_hosts", "hashed", file.read_text())
    seed("known_hosts", "comment", "# only a comment\n")


# --- an agent --------------------------------------------------------------------------------------------------


def ask_agent(path, message):
    with socket.socket(socket.AF_UNIX) as agent:
        agent.connect(str(path))
        agent.sendall(string(message))
        stream = agent.makefile("rb")
        return stream.read(struct.unpack(">I", stream.read(4))[0])


def agent_seeds(folder):
    path = folder / "agent"
    agent = subprocess.Popen(["ssh-agent", "-D", "-a", path], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        while not path.exists():
            pass
        seed("agent_reply", "no-identities", ask_agent(path, b"\x0b"))
        environment = {**os.environ, "SSH_AUTH_SOCK": str(path)}
        for name in TYPES:
            subprocess.run(["ssh-add", "-q", folder / name], check=True, env=environment,
                           stderr=subprocess.DEVNULL)
        seed("agent_reply", "identities", ask_agent(path, b"\x0b"))
        for name, ways in SIGNATURES.items():
            blob = blob_of(folder / (name + ".pub"))
            for place, flags in ways:
                answer = ask_agent(path, b"\x0d" + string(blob) + string(SIGNED) + struct.pack(">I", flags))
                seed("agent_reply", f"signature-{name}-{flags}", answer)
                signature, _ = take_string(answer[1:])
                seed("public_key", f"{name}-{flags}", bytes([place]) + short_string(blob) + signature)
                proved = string(b"hostkeys-prove-00@openssh.com") + string(SIGNED) + string(blob)
                answer = ask_agent(path, b"\x0d" + string(blob) + string(proved) + struct.pack(">I", flags))
                seed("host_key_proof", f"{name}-{flags}", bytes([0]) + short_string(blob) + answer[1:])
        seed("agent_reply", "success", b"\x06")
        seed("agent_reply", "failure", ask_agent(path, b"\x0d" + string(b"no key") + string(b"") + bytes(4)))
    finally:
        agent.kill()
        agent.wait()


# --- SOCKS clients ---------------------------------------------------------------------------------------------


def answer_client(listener, heard):
    """Goes along with a client until it has sent its request, and refuses that."""
    connection, _ = listener.accept()
    with connection:
        first = connection.recv(1024)
        heard.append(first)
        if first[0] != 5:
            return
        with_password = 2 in first[2:]
        connection.sendall(b"\5\2" if with_password else b"\5\0")
        heard.append(connection.recv(1024))
        if with_password:
            connection.sendall(b"\1\0")
            heard.append(connection.recv(1024))


def socks_seeds():
    clients = {"socks4": "socks4://127.0.0.1", "socks4a": "socks4a://user@127.0.0.1", "socks5": "socks5://127.0.0.1",
               "socks5h": "socks5h://127.0.0.1", "password": "socks5h://user:word@127.0.0.1", "http":
               "http://127.0.0.1"}
    for name, proxy in clients.items():
        heard = []
        with socket.create_server(("127.0.0.1", 0)) as listener:
            server = threading.Thread(target=answer_client, args=(listener, heard))
            server.start()
            target = "http://192.0.2.1:8080/" if name in ("socks4", "socks5") else "http://host.example:8080/"
            subprocess.run(["curl", "-q", "--silent", "--user-agent", "a client", "--max-time", "10", "--proxy",
                            f"{proxy}:{listener.getsockname()[1]}", target], check=False,
                           stdout=subprocess.DEVNULL)
            server.join()
        seed("socks_handshake", name, b"".join(heard))
    seed("socks_handshake", "socks5-address6",
         b"\5\1\0\5\1\0\4" + socket.inet_pton(socket.AF_INET6, "2001:db8::1") + b"\x01\xbb")
    seed("socks_handshake", "socks5-early-data", b"\5\1\0\5\1\0\3\x0chost.example\x01\xbbearly")


# --- configuration ---------------------------------------------------------------------------------------------

NAMES = ["--host-record=a.example,192.0.2.1,2001:db8::1", "--host-record=a.example,192.0.2.2",
         "--cname=www.example.org,alias.example.org,a.example", "--ptr-record=9.2.0.192.in-addr.arpa,a.example",
         "--address=/none.example/", "--txt-record=a.example,text"]
# Name and type: an alias of two addresses, nothing of that type, no such name, a name of an address, no query.
QUESTIONS = {"alias": ("www.example.org", 1), "alias6": ("www.example.org", 28), "text": ("a.example", 16),
             "no-name": ("none.example", 1), "refused": ("elsewhere.example", 1),
             "reverse": ("9.2.0.192.in-addr.arpa", 12)}


def dns_query(name, number, edns):
    labels = b"".join(bytes([len(label)]) + label.encode() for label in name.split("."))
    opt = b"\0\0\x29\x04\xd0\0\0\0\0\0\0" if edns else b""
    return struct.pack(">6H", 0x1234, 0x100, 1, 0, 0, int(edns)) + labels + struct.pack(">BHH", 0, number, 1) + opt


def dns_seeds():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as place:
        place.bind(("127.0.0.1", 0))
        port = place.getsockname()[1]
    server = subprocess.Popen(["dnsmasq", "--keep-in-foreground", "--no-resolv", "--no-hosts", "--conf-file=/dev/null",
                               "--pid-file=", "--listen-address=127.0.0.1", "--bind-interfaces", f"--port={port}"]
                              + NAMES, stderr=subprocess.DEVNULL)
    try:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
            client.settimeout(0.2)
            client.connect(("127.0.0.1", port))
            for kind, (name, number) in QUESTIONS.items():
                query = dns_query(name, number, kind != "text")
                for _ in range(50):
                    try:
                        client.send(query)
                        answer = client.recv(65535)
                        break
                    except OSError:
                        time.sleep(0.1)
                seed("dns_message", kind, answer)
                seed("dns_message", kind + "-query", query)
    finally:
        server.kill()
        server.wait()


RESOLV_CONFS = {
    "usual": "# by hand\nnameserver 192.0.2.53\nnameserver 2001:db8::53\nsearch corp.example example.org\n",
    "systemd": "nameserver 127.0.0.53\noptions edns0 trust-ad\nsearch .\n",
    "options": "domain a.example\noptions ndots:5 timeout:1\nnameserver fe80::1%eth0\n;nameserver 192.0.2.1\n",
    "server": "[2001:db8::53]:5353",
}

CONFIGS = {
    "hosts": """Host work work-*
    HostName %h.example
    User me
    Port 2222
    IdentityFile ~/.ssh/id_%r
Host * !other
    ServerAliveInterval 30
    Ciphers ^aes128-gcm@openssh.com
    KexAlgorithms -diffie-hellman-group14-sha256
""",
    "match": """Match host work.example user me
    DynamicForward [::1]:1080
    GatewayPorts yes
Match originalhost "a b" localuser root
    StrictHostKeyChecking accept-new
Match all
    Include extra/*.conf
    IgnoreUnknown Some*
    SomeThing else
""",
    "options": """IdentitiesOnly=yes
UserKnownHostsFile = /dev/null "~/other file"
RekeyLimit 1G 1h
ConnectTimeout 5
PreferredAuthentications publickey,keyboard-interactive
CertificateFile ${SET}/key-cert.pub
HostKeyAlias alias
PubkeyAcceptedAlgorithms +rsa-sha2-256
RequiredRSASize 3072
""",
    "destination": "ssh://me@[2001:db8::1]:2222\n",
}


def main():
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        make_keys(folder)
        key_seeds(folder)
        certificate_seeds(folder)
        known_hosts_seeds(folder)
        agent_seeds(folder)
    socks_seeds()
    dns_seeds()
    for name, text in RESOLV_CONFS.items():
        seed("resolv_conf", name, text)
    for name, text in CONFIGS.items():
        seed("ssh_config", name, text)


main()
