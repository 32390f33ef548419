# tunnel's UDP relay: datagrams between standard input and output, in frames, and UDP sockets.
#
# tunnel sends it along and runs it on the server. Python 3.6 or later, its standard library alone, one
# thread and those that look names up. The framing is docs/udp-relay.md's.
import collections
import os
import queue
import resource
import selectors
import socket
import struct
import sys
import threading
import time

MAGIC, VERSION = b"\0tunnel-udp\0", 1
DATAGRAM, CLOSE, NOTICE, FAILURE = 1, 2, 3, 4
IPV4, NAME, IPV6 = 1, 3, 4
HEAD, MIN_LENGTH, MAX_LENGTH, MAX_PAYLOAD = 8, 5, 65791, 65527
MAPPED = bytes(10) + b"\xff\xff"

# Policy: seconds, numbers, octets.
IDLE = float(sys.argv[1]) if len(sys.argv) > 1 else 600.0
MAX_ASSOCIATIONS = 1024
MAX_QUEUED = 1 << 20
MAX_BATCH = 1 << 16
MAX_RECEIVED_AT_ONCE = 32
RESOLVERS, MAX_LOOKUPS, MAX_LOOKUPS_EACH, MAX_NAMES = 32, 64, 8, 256
NAME_LIFE, NO_NAME_LIFE = 60.0, 5.0
MAX_WAITING = 1 << 20


class Failed(Exception):
    """Ends the stream; the text is for the client and for standard error."""


class Output:
    """Frames towards the client. When it does not read, the oldest are dropped."""

    def __init__(self):
        self.frames, self.size = collections.deque(), 0
        self.under_way = MAGIC + bytes([VERSION])

    def add(self, kind, association, body):
        frame = struct.pack("!I", MIN_LENGTH + len(body))[1:] + struct.pack("!BI", kind, association) + body
        self.frames.append(frame)
        self.size += len(frame)
        while self.size > MAX_QUEUED:
            self.size -= len(self.frames.popleft())

    def flush(self):
        """Writes what is taken at once; whether all was."""
        while self.under_way or self.frames:
            if not self.under_way:
                batch, size = [], 0
                while self.frames and size < MAX_BATCH:
                    batch.append(self.frames.popleft())
                    size += len(batch[-1])
                self.size -= size
                self.under_way = b"".join(batch)
            try:
                self.under_way = self.under_way[os.write(1, self.under_way):]
            except BlockingIOError:
                return False
        return True


class Resolver:
    """Looks names up in threads, and has answers ready when `wakeup` can be read from."""

    def __init__(self):
        self.wakeup, self.waker = socket.socketpair()
        self.wakeup.setblocking(False)
        self.jobs, self.answers = queue.Queue(MAX_LOOKUPS), collections.deque()
        self.threads = 0

    def look_up(self, name):
        """False: there are too many already."""
        try:
            self.jobs.put_nowait(name)
        except queue.Full:
            return False
        if self.threads < RESOLVERS and self.jobs.qsize() > 0:
            try:
                threading.Thread(target=self.work, daemon=True).start()
                self.threads += 1
            except RuntimeError:
                # Those that there are get to it; without any, nobody ever would.
                if self.threads == 0:
                    self.jobs.get_nowait()
                    return False
        return True

    def work(self):
        while True:
            name = self.jobs.get()
            try:
                found = socket.getaddrinfo(name, None, 0, socket.SOCK_DGRAM)
                answer = [(family, address[0]) for family, _, _, _, address in found]
            except (OSError, UnicodeError) as why:
                answer = getattr(why, "strerror", None) or str(why)
            self.answers.append((name, answer))
            self.waker.send(b"\0")


class Association:
    def __init__(self):
        self.sockets, self.used, self.noticed = {}, time.monotonic(), 0.0


class Relay:
    def __init__(self):
        self.selector, self.output, self.resolver = selectors.DefaultSelector(), Output(), Resolver()
        self.input, self.greeted, self.ended, self.blocked = bytearray(), False, False, False
        self.associations = {}
        # Of each name what was found and until when that holds; of those being looked up what waits for it.
        self.names, self.waiting, self.waiting_size = {}, {}, 0

    def run(self):
        for each in (0, 1):
            os.set_blocking(each, False)
        self.selector.register(0, selectors.EVENT_READ, self.on_input)
        self.selector.register(self.resolver.wakeup, selectors.EVENT_READ, self.on_answers)
        looked = time.monotonic()
        while not self.ended:
            self.flush()
            for key, _ in self.selector.select(min(IDLE / 4, 30.0)):
                key.data()
            if time.monotonic() - looked > IDLE / 4:
                looked = time.monotonic()
                self.close_idle(looked)

    def flush(self):
        blocked = not self.output.flush()
        if blocked and not self.blocked:
            self.selector.register(1, selectors.EVENT_WRITE, self.flush)
        elif self.blocked and not blocked:
            self.selector.unregister(1)
        self.blocked = blocked

    # --- from the client ---

    def on_input(self):
        data = os.read(0, 65536)
        self.ended = not data
        self.input += data
        if not self.greeted and not self.take_greeting():
            return
        at = 0
        while len(self.input) - at >= HEAD:
            length = int.from_bytes(self.input[at:at + 3], "big")
            if not MIN_LENGTH <= length <= MAX_LENGTH:
                raise Failed("the client announces a frame of %d octets; one has %d to %d"
                             % (length, MIN_LENGTH, MAX_LENGTH))
            if len(self.input) - at < 3 + length:
                break
            kind, association = struct.unpack_from("!BI", self.input, at + 3)
            self.on_frame(kind, association, bytes(self.input[at + HEAD:at + 3 + length]))
            at += 3 + length
        del self.input[:at]

    def take_greeting(self):
        size = len(MAGIC)
        if not MAGIC.startswith(self.input[:size]):
            raise Failed("the client does not speak this relay's protocol")
        if len(self.input) <= size:
            return False
        if self.input[size] != VERSION:
            raise Failed("the client speaks version %d of the UDP relay protocol, and this relay version %d"
                         % (self.input[size], VERSION))
        del self.input[:size + 1]
        self.greeted = True
        return True

    def on_frame(self, kind, number, body):
        if kind == DATAGRAM:
            self.on_datagram(number, body)
        elif kind == CLOSE:
            self.close(number)
        elif kind == FAILURE:
            raise Failed("the client ends the relay")
        elif kind != NOTICE:
            raise Failed("the client sent a frame of the unknown type %d" % kind)

    def on_datagram(self, number, body):
        kind = body[0] if body else 0
        begin = 2 if kind == NAME else 1
        size = {IPV4: 4, IPV6: 16, NAME: body[1] if len(body) > 1 else 0}.get(kind, 0)
        end = begin + size
        if size == 0 or not end + 2 <= len(body) <= end + 2 + MAX_PAYLOAD:
            raise Failed("the client sent a malformed frame")
        host, port, payload = body[begin:end], int.from_bytes(body[end:end + 2], "big"), body[end + 2:]
        association = self.associations.get(number)
        if association is None:
            if len(self.associations) >= MAX_ASSOCIATIONS:
                return self.output.add(CLOSE, number, b"the relay has too many associations")
            association = self.associations[number] = Association()
        association.used = time.monotonic()
        if kind == NAME:
            return self.send_to_name(number, host, port, payload)
        if host.startswith(MAPPED) and kind == IPV6:
            kind, host = IPV4, host[12:]
        family = socket.AF_INET if kind == IPV4 else socket.AF_INET6
        self.send(number, [(family, socket.inet_ntop(family, host))], port, payload)

    def send(self, number, hosts, port, payload):
        """To the first host of a family that this machine has."""
        association, why = self.associations[number], "no address"
        for family, host in hosts:
            try:
                self.socket_of(number, association, family).sendto(payload, (host, port))
                return
            except BlockingIOError:
                return
            except (OSError, OverflowError) as failure:
                why = getattr(failure, "strerror", None) or str(failure)
        self.notice(number, "cannot send to %s port %d: %s" % (hosts[0][1] if hosts else "it", port, why))

    def socket_of(self, number, association, family):
        if family not in association.sockets:
            made = socket.socket(family, socket.SOCK_DGRAM)
            made.setblocking(False)
            if family == socket.AF_INET6:
                made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            # Bound now: replies may come from others than the one that is about to be sent to.
            made.bind(("", 0))
            association.sockets[family] = made
            self.selector.register(made, selectors.EVENT_READ,
                                   lambda: self.on_readable(number, association, family, made))
        return association.sockets[family]

    # --- names ---

    def send_to_name(self, number, name, port, payload):
        answer, until = self.names.get(name, (None, 0.0))
        if until > time.monotonic():
            return self.send_to_answer(number, name, answer, port, payload)
        if self.waiting_size + len(payload) > MAX_WAITING:
            return
        if name not in self.waiting:
            if min(name) <= 0x20 or max(name) >= 0x7f:
                return self.notice(number, "what is to be looked up is not a name")
            each = sum(waiting[0][0] == number for waiting in self.waiting.values())
            if each >= MAX_LOOKUPS_EACH or not self.resolver.look_up(name):
                return self.notice(number, "too many names are being looked up")
        self.waiting.setdefault(name, []).append((number, port, payload))
        self.waiting_size += len(payload)

    def on_answers(self):
        self.resolver.wakeup.recv(4096)
        while self.resolver.answers:
            name, answer = self.resolver.answers.popleft()
            if len(self.names) >= MAX_NAMES:
                self.names.clear()
            life = NO_NAME_LIFE if isinstance(answer, str) else NAME_LIFE
            self.names[name] = (answer, time.monotonic() + life)
            for number, port, payload in self.waiting.pop(name, []):
                self.waiting_size -= len(payload)
                if number in self.associations:
                    self.send_to_answer(number, name, answer, port, payload)

    def send_to_answer(self, number, name, answer, port, payload):
        if isinstance(answer, str):
            self.notice(number, "cannot resolve %s: %s" % (name.decode("ascii"), answer))
        else:
            self.send(number, answer, port, payload)

    # --- to the client ---

    def on_readable(self, number, association, family, sock):
        for _ in range(MAX_RECEIVED_AT_ONCE):
            try:
                payload, peer = sock.recvfrom(65535)
            except OSError:
                return
            association.used = time.monotonic()
            host = socket.inet_pton(family, peer[0].split("%")[0])
            kind = IPV4 if family == socket.AF_INET else IPV6
            self.output.add(DATAGRAM, number, struct.pack("!B%dsH" % len(host), kind, host, peer[1]) + payload)

    def notice(self, number, text):
        """At most one a second for each association."""
        association, now = self.associations[number], time.monotonic()
        if association.noticed == 0.0 or now - association.noticed >= 1.0:
            association.noticed = now
            self.output.add(NOTICE, number, text.encode("utf-8", "replace")[:512])

    # --- the end ---

    def close(self, number):
        association = self.associations.pop(number, None)
        for each in association.sockets.values() if association else ():
            self.selector.unregister(each)
            each.close()

    def close_idle(self, now):
        for number in [n for n, each in self.associations.items() if now - each.used > IDLE]:
            self.close(number)
            self.output.add(CLOSE, number, b"idle")

    def fail(self, text):
        self.output.add(FAILURE, 0, text.encode()[:512])
        deadline = time.monotonic() + 5.0
        while not self.output.flush() and time.monotonic() < deadline:
            time.sleep(0.02)


def main():
    # Two sockets for each association.
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 2 * MAX_ASSOCIATIONS + 64
    if wanted > soft != resource.RLIM_INFINITY:
        wanted = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    relay = Relay()
    try:
        relay.run()
    except Failed as why:
        sys.stderr.write("tunnel's relay: %s\n" % why)
        relay.fail(str(why))
        return 1
    except (BrokenPipeError, ConnectionResetError):
        pass
    return 0


status = main()
sys.stderr.flush()
# A look-up that hangs holds up nothing.
os._exit(status)
