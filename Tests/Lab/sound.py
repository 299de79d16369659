"""What a scripted phone says and hears: µ-law by RTP (RFC 3551), a tone of its own, tones told apart by Goertzel."""
import asyncio
import math
import re
import struct
import time

RATE = 8000
FRAME = 160  # samples of 20 ms
LOUDNESS = 6000  # amplitude of a tone, of 32767
HEARD = 0.08  # part of a tone's loudness from which on it counts as heard
REMAINDER = 300  # root of the mean square beside all tones from which on something else is heard


def encoded(sample):
    sign, size = (0x80, -sample) if sample < 0 else (0, sample)
    size = min(size, 32635) + 0x84
    exponent = max(0, size.bit_length() - 8)
    return ~(sign | exponent << 4 | size >> exponent + 3 & 0x0F) & 0xFF


def decoded(byte):
    byte = ~byte & 0xFF
    size = ((byte & 0x0F) << 3) + 0x84 << ((byte & 0x70) >> 4)
    return 0x84 - size if byte & 0x80 else size - 0x84


DECODED = [decoded(byte) for byte in range(256)]


def amplitude(samples, hertz):
    """Of the part of a sound that has this frequency."""
    turn = 2 * math.cos(2 * math.pi * hertz / RATE)
    last = before = 0.0
    for sample in samples:
        last, before = sample + turn * last - before, last
    return 2 * math.sqrt(max(0, last * last + before * before - turn * last * before)) / max(1, len(samples))


def heard(samples, tones):
    """Names of the tones that are in a sound, and `other` if there is more. tones: {name: (hertz, …)}"""
    if not samples:
        return []
    parts = {name: [amplitude(samples, hertz) for hertz in each] for name, each in tones.items()}
    known = sum(size * size / 2 for sizes in parts.values() for size in sizes)
    rest = sum(sample * sample for sample in samples) / len(samples) - known
    names = [name for name, sizes in parts.items() if min(sizes) > HEARD * LOUDNESS]
    # A tone that begins or ends within the sound leaves a remainder too.
    return names + (["other"] if rest > max(REMAINDER ** 2, known / 30) else [])


class Sound(asyncio.DatagramProtocol):
    """One call's stream: sends the tone, keeps what comes."""

    KEPT = 2 * RATE

    def __init__(self, hertz):
        # All tones have whole numbers of Hz: a second of it can be repeated.
        self.tone = bytes(encoded(round(LOUDNESS * math.sin(2 * math.pi * hertz * n / RATE)))
                          for n in range(RATE)) if hertz else b""
        self.samples = bytearray()
        self.remote = None
        self.talks = False
        self.task = None

    @classmethod
    async def open(cls, address, hertz):
        loop = asyncio.get_running_loop()
        _, sound = await loop.create_datagram_endpoint(lambda: cls(hertz), local_addr=(address, 0))
        return sound

    def connection_made(self, transport):
        self.transport = transport
        self.port = transport.get_extra_info("sockname")[1]

    def error_received(self, error):
        pass  # the other side has closed its port first

    def datagram_received(self, data, _):
        if len(data) > 12 and data[1] & 0x7F == 0:
            self.samples += data[12:]
            del self.samples[:-self.KEPT]

    def follow(self, session):
        """Sends to where a session description (RFC 4566) says; `talks` says whether anything is sent."""
        host = re.search(r"^c=IN IP4 (\S+)", session, re.M)
        port = re.search(r"^m=audio (\d+)", session, re.M)
        if host and port:
            self.remote = host.group(1), int(port.group(1))
        if self.tone and not self.task:
            self.task = asyncio.get_running_loop().create_task(self.send())

    async def send(self):
        number, start = 0, time.monotonic()
        while not self.transport.is_closing():
            # At the pace of the clock, whatever the machine is busy with.
            await asyncio.sleep(max(0, start + number * FRAME / RATE - time.monotonic()))
            if self.talks and self.remote:
                position = number * FRAME % RATE
                stamp, source = number * FRAME & 0xFFFFFFFF, id(self) & 0xFFFFFFFF
                head = struct.pack("!BBHII", 0x80, 0, number & 0xFFFF, stamp, source)
                self.transport.sendto(head + self.tone[position:position + FRAME], self.remote)
            number += 1

    async def listen(self, seconds):
        """What comes from now on for so long; less if less comes."""
        self.samples.clear()
        wanted, end = int(seconds * RATE), time.monotonic() + seconds + 0.3
        while len(self.samples) < wanted and time.monotonic() < end:
            await asyncio.sleep(0.02)
        return [DECODED[byte] for byte in self.samples[:wanted]]

    def close(self):
        if self.task:
            self.task.cancel()
        self.transport.close()
