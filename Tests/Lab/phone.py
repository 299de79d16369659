"""A small SIP phone over UDP: for what baresip does not know, for who hears whom, and for customers on the trunk.

usage: phone.py USER ADDRESS SERVER [password=…] [tone=HERTZ] [auto] [deaf] [stays]
  password=…  registers at the start; without it the phone is a customer on the trunk, who shows USER as its number
  tone=…      what it says in calls that it does not hold; without it nothing
  auto        obeys `Call-Info: …;answer-after=0`
  deaf        refuses NOTIFY with 489
  stays       does not hang up by itself when its transfer has come to pass

In: register | unregister | dial NUMBER | answer | reject [STATUS] | hangup | hold | retrieve
    | refer NUMBER | replace | hears NAME=HERTZ[+HERTZ]…
Out: ready | registered | unregistered | incoming CALLER | ringing | up | held | retrieved | ended [STATUS]
     | notify EVENT | referred STATUS | heard [NAME…] [other]

A phone can have several calls. `refer` asks for its first call to be led to a number, `replace` for its first one to
be led to whom it talks to in its last. `hears` listens for half a second in the call that it does not hold.
"""
import asyncio
import hashlib
import itertools
import re
import sys
from urllib.parse import quote

from helper import serve, tell
from sound import Sound, heard

USER, ADDRESS, SERVER = sys.argv[1:4]
OPTIONS = dict(option.partition("=")[::2] for option in sys.argv[4:])
COMPACT = {"v": "via", "f": "from", "t": "to", "i": "call-id", "m": "contact", "o": "event",
           "r": "refer-to"}
RETRANSMISSIONS = 6
GLARE_PAUSES = (0.1, 0.5, 2.1)
numbers = itertools.count(1)


def unique(prefix):
    return f"{prefix}{next(numbers)}-{id(numbers)}"


class Message:
    """A request or a response, as it came."""

    def __init__(self, data, source):
        head, _, self.body = data.decode("latin1").partition("\r\n\r\n")
        self.first, *lines = head.split("\r\n")
        self.source = source
        self.fields = []
        for line in lines:
            name, _, value = line.partition(":")
            name = name.strip().lower()
            self.fields.append((COMPACT.get(name, name), value.strip()))

    def __getitem__(self, name):
        return next((value for field, value in self.fields if field == name), "")

    @property
    def status(self):
        return int(self.first.split()[1]) if self.first.startswith("SIP/2.0") else None

    @property
    def method(self):
        return self["cseq"].split()[-1]

    @property
    def branch(self):
        return re.search(r"branch=([^;\s]+)", self["via"]).group(1)


def tag_of(value):
    found = re.search(r";tag=([^;>\s]+)", value)
    return found.group(1) if found else None


def address_of(value):
    found = re.search(r"<([^>]+)>", value)
    return found.group(1) if found else value.split(";")[0]


class Call:
    def __init__(self, incoming):
        self.incoming = incoming
        self.state = "new"
        self.direction = "sendrecv"
        self.version = 0
        self.invite = None
        self.given_up = False
        self.replaced = False
        self.sound = None
        # One change of the session at a time (RFC 3261, 14.1).
        self.changing = asyncio.Lock()

    async def session(self):
        self.sound = self.sound or await Sound.open(ADDRESS, int(OPTIONS.get("tone", 0)))
        self.version += 1
        return (f"v=0\r\no=- 1 {self.version} IN IP4 {ADDRESS}\r\ns=-\r\nc=IN IP4 {ADDRESS}\r\nt=0 0\r\n"
                f"m=audio {self.sound.port} RTP/AVP 0\r\na=rtpmap:0 PCMU/8000\r\na={self.direction}\r\n")

    def talk(self, session):
        """As the other side's session description allows."""
        self.sound.follow(session)
        self.sound.talks = self.state == "up" and self.direction == "sendrecv"


class Phone(asyncio.DatagramProtocol):
    def __init__(self):
        self.calls = {}
        self.waiting = {}
        self.cseq = 0
        self.registration = unique("r")

    def connection_made(self, transport):
        self.transport = transport
        self.port = transport.get_extra_info("sockname")[1]

    # Sending

    def send(self, text, destination=None):
        self.transport.sendto(text.encode("latin1"), destination or (SERVER, 5060))

    @property
    def contact(self):
        return f"Contact: <sip:{USER}@{ADDRESS}:{self.port}>\r\n"

    def write(self, method, target, local, remote, call_id, cseq, branch, extra="", body=""):
        self.send(
            f"{method} {target} SIP/2.0\r\nVia: SIP/2.0/UDP {ADDRESS}:{self.port};branch={branch};rport\r\n"
            f"Max-Forwards: 70\r\nFrom: {local}\r\nTo: {remote}\r\nCall-ID: {call_id}\r\nCSeq: {cseq} {method}\r\n"
            + extra + ("Content-Type: application/sdp\r\n" if body else "")
            + f"Content-Length: {len(body)}\r\n\r\n{body}")

    async def request(self, method, target, local, remote, call_id, extra="", body="", call=None, credentials=""):
        """The final response, after the challenge has been met."""
        self.cseq += 1
        cseq, branch = self.cseq, unique("z9hG4bK")
        future = asyncio.get_running_loop().create_future()
        self.waiting[branch] = (future, call)
        if call and method == "INVITE" and call.state in ("new", "trying"):
            call.invite = (target, local, remote, call_id, cseq, branch)
        for attempt in range(RETRANSMISSIONS):
            self.write(method, target, local, remote, call_id, cseq, branch, credentials + extra, body)
            # A call that is on its way is not begun again.
            limit = 120 if method == "INVITE" and call and call.state != "new" else 0.5 * 2 ** attempt
            try:
                reply = await asyncio.wait_for(asyncio.shield(future), limit)
                break
            except asyncio.TimeoutError:
                continue
        else:
            raise TimeoutError(method)
        if method == "INVITE":
            accepted = reply.status < 300
            ack = unique("z9hG4bK") if accepted else branch
            to = address_of(reply["contact"]) if accepted and reply["contact"] else target
            self.write("ACK", to, local, reply["to"], call_id, cseq, ack, credentials if accepted else "")
        if reply.status in (401, 407) and not credentials and "password" in OPTIONS:
            credentials = self.credentials(reply, method, target)
            return await self.request(method, target, local, remote, call_id, extra, body, call, credentials)
        return reply

    @staticmethod
    def credentials(reply, method, target):
        header = "Authorization" if reply.status == 401 else "Proxy-Authorization"
        challenge = reply["www-authenticate"] or reply["proxy-authenticate"]
        parts = dict(re.findall(r'(\w+)="?([^",]+)', challenge))

        def digest(text):
            return hashlib.md5(text.encode()).hexdigest()

        secret = digest(f"{USER}:{parts['realm']}:{OPTIONS['password']}")
        answer = digest(f"{secret}:{parts['nonce']}:00000001:abcd:auth:{digest(f'{method}:{target}')}")
        return (f'{header}: Digest username="{USER}", realm="{parts["realm"]}", nonce="{parts["nonce"]}", '
                f'uri="{target}", response="{answer}", algorithm=MD5, qop=auth, nc=00000001, cnonce="abcd"'
                + (f', opaque="{parts["opaque"]}"' if "opaque" in parts else "") + "\r\n")

    def reply(self, request, status, phrase, call=None, body=""):
        to = request["to"]
        if call and status > 100 and not tag_of(to):
            to += f";tag={call.tag}"
        vias = "".join(f"Via: {value}\r\n" for name, value in request.fields if name == "via")
        self.send(
            f"SIP/2.0 {status} {phrase}\r\n{vias}From: {request['from']}\r\nTo: {to}\r\n"
            f"Call-ID: {request['call-id']}\r\nCSeq: {request['cseq']}\r\n{self.contact}"
            + ("Content-Type: application/sdp\r\n" if body else "")
            + f"Content-Length: {len(body)}\r\n\r\n{body}", request.source)

    # Receiving

    def datagram_received(self, data, source):
        if len(data) < 8:
            return
        message = Message(data, source)
        if message.status is None:
            asyncio.get_running_loop().create_task(self.requested(message))
            return
        future, call = self.waiting.get(message.branch, (None, None))
        if message.method == "CANCEL" or future is None:
            return
        if message.status >= 200:
            if not future.done():
                future.set_result(message)
        elif call and call.state in ("new", "trying", "ringing"):
            if message.body:
                call.talk(message.body)
            if message.status > 100 and call.state != "ringing":
                call.state = "ringing"
                tell("ringing")
            elif call.state == "new":
                call.state = "trying"

    async def requested(self, request):
        call = self.calls.get(request["call-id"])
        handler = getattr(self, "on_" + request.method.lower(), None)
        if request.method == "ACK":
            return
        if handler:
            await handler(request, call)
        else:
            self.reply(request, 200, "OK", call)

    async def on_invite(self, request, call):
        if call:
            if call.state == "up" and tag_of(request["to"]):
                self.reply(request, 200, "OK", call, await call.session())
                call.talk(request.body)
            return
        call = Call(incoming=True)
        call.request, call.id, call.tag = request, request["call-id"], unique("t")
        call.local, call.remote = request["to"] + f";tag={call.tag}", request["from"]
        call.target = address_of(request["contact"])
        self.calls[call.id] = call
        call.state = "ringing"
        self.reply(request, 180, "Ringing", call)
        tell("incoming", re.search(r"sip:([^@>]*)", request["from"]).group(1))
        if "auto" in OPTIONS and "answer-after=0" in request["call-info"]:
            await self.answer(call)

    async def on_cancel(self, request, call):
        self.reply(request, 200, "OK", call)
        if call and call.state == "ringing":
            self.reply(call.request, 487, "Request Terminated", call)
            self.ended(call)

    async def on_bye(self, request, call):
        self.reply(request, 200, "OK", call)
        if call:
            self.ended(call)

    async def on_notify(self, request, call):
        event = request["event"]
        if "deaf" in OPTIONS:
            self.reply(request, 489, "Bad Event", call)
            return
        self.reply(request, 200, "OK", call)
        if event.startswith("refer"):
            await self.referred(request, call)
            return
        tell("notify", event)
        if event == "talk" and call and call.state == "ringing":
            await self.answer(call)
        elif event == "talk" and call and call.direction != "sendrecv":
            await self.hold(call, False)

    async def referred(self, request, call):
        """What became of a transfer, as a line of SIP (RFC 3515)."""
        status = int(request.body.split()[1])
        tell("referred", status)
        if call and 200 <= status < 300 and "stays" not in OPTIONS:
            for each in list(self.calls.values()) if call.replaced else [call]:
                if each.state == "up":
                    await self.hang_up(each)

    # What the buttons do

    async def answer(self, call):
        call.state = "up"
        self.reply(call.request, 200, "OK", call, await call.session())
        call.talk(call.request.body)
        tell("up")

    def ended(self, call, *why):
        call.state = "ended"
        self.calls.pop(call.id, None)
        if call.sound:
            call.sound.close()
        tell("ended", *why)

    async def dial(self, number):
        call = Call(incoming=False)
        call.id, call.tag = unique("c"), unique("t")
        host = SERVER if "password" in OPTIONS else ADDRESS
        call.local, call.remote = f'"{USER}" <sip:{USER}@{host}>;tag={call.tag}', f"<sip:{number}@{SERVER}>"
        call.target = f"sip:{number}@{SERVER}:5060"
        self.calls[call.id] = call
        reply = await self.request("INVITE", call.target, call.local, call.remote, call.id, self.contact,
                                   await call.session(), call)
        if reply.status >= 300:
            self.ended(call, reply.status)
            return
        call.state, call.remote, call.target = "up", reply["to"], address_of(reply["contact"])
        call.talk(reply.body)
        tell("up")
        if call.given_up:
            # The answer has crossed our CANCEL.
            await self.hang_up(call)

    async def inside(self, call, method, extra="", body=""):
        return await self.request(method, call.target, call.local, call.remote, call.id, self.contact + extra, body)

    async def hold(self, call, holds):
        call.direction = "sendonly" if holds else "sendrecv"
        async with call.changing:
            for pause in GLARE_PAUSES:
                reply = await self.inside(call, "INVITE", body=await call.session())
                # The other side is about to change the session too: again, when it has had the time to.
                if reply.status not in (491, 500):
                    break
                await asyncio.sleep(pause)
        call.talk(reply.body)
        tell("failed" if reply.status >= 300 else "held" if holds else "retrieved")

    async def hang_up(self, call):
        if call.state == "up":
            await self.inside(call, "BYE")
            self.ended(call)
        elif call.incoming:
            self.reply(call.request, 486, "Busy Here", call)
            self.ended(call)
        else:
            call.given_up = True
            target, local, remote, call_id, cseq, branch = call.invite
            self.write("CANCEL", target, local, remote, call_id, cseq, branch)

    async def register(self, seconds):
        me = f"<sip:{USER}@{SERVER}>"
        reply = await self.request("REGISTER", f"sip:{SERVER}", me + ";tag=r", me, self.registration,
                                   self.contact + f"Expires: {seconds}\r\n")
        tell("failed" if reply.status != 200 else "registered" if seconds else "unregistered")

    async def refer(self, call, target, replaced=None):
        """Asks for a call to be led elsewhere (RFC 3515), to the other end of another one (RFC 3891)."""
        extra = ""
        if replaced:
            call.replaced = True
            tags = f"to-tag={tag_of(replaced.remote)};from-tag={tag_of(replaced.local)}"
            extra = "?Replaces=" + quote(f"{replaced.id};{tags}", safe="")
        reply = await self.inside(call, "REFER", f"Refer-To: <{target}{extra}>\r\n")
        if reply.status >= 300:
            tell("referred", reply.status)

    async def hears(self, words):
        """Names in `words`, each with its frequencies, that are heard in the call in hand."""
        tones = {name: tuple(map(int, hertz.split("+"))) for name, hertz in (word.split("=") for word in words)}
        hands = [call for call in self.calls.values() if call.sound and call.direction == "sendrecv"]
        samples = await hands[-1].sound.listen(0.5) if hands else []
        tell("heard", *heard(samples, tones))

    def first(self, *states):
        return next(call for call in self.calls.values() if call.state in states)

    def in_hand(self):
        """The call that is up and not held, or else the last one."""
        up = [call for call in self.calls.values() if call.state == "up"]
        return next((call for call in up if call.direction == "sendrecv"), up[-1] if up else None)

    async def command(self, words):
        verb, *rest = words
        if verb == "register":
            await self.register(300)
        elif verb == "unregister":
            await self.register(0)
        elif verb == "dial":
            asyncio.get_running_loop().create_task(self.dial(rest[0]))
        elif verb == "answer":
            await self.answer(next(call for call in self.calls.values() if call.incoming and call.state == "ringing"))
        elif verb == "reject":
            call = self.first("ringing")
            self.reply(call.request, int(rest[0]) if rest else 486, "Refused", call)
            self.ended(call)
        elif verb == "hangup":
            await self.hang_up(self.in_hand() or self.first("ringing", "trying", "new"))
        elif verb == "hold":
            await self.hold(self.in_hand(), True)
        elif verb == "retrieve":
            await self.hold(next(call for call in self.calls.values() if call.direction != "sendrecv"), False)
        elif verb == "refer":
            await self.refer(self.first("up"), f"sip:{rest[0]}@{SERVER}")
        elif verb == "replace":
            last = [call for call in self.calls.values() if call.state == "up"][-1]
            number = re.search(r"sip:([^@>]*)", last.remote).group(1)
            await self.refer(self.first("up"), f"sip:{number}@{SERVER}", last)
        elif verb == "hears":
            await self.hears(rest)


async def main():
    loop = asyncio.get_running_loop()
    _, phone = await loop.create_datagram_endpoint(Phone, local_addr=(ADDRESS, 0))
    tell("ready")
    if "password" in OPTIONS:
        await phone.register(300)
    await serve(phone.command)
    for call in list(phone.calls.values()):
        await asyncio.wait_for(phone.hang_up(call), 1)


asyncio.run(main())
