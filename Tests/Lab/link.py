"""A TCP relay that can be cut. usage: link.py HOST PORT TO_HOST TO_PORT

In: cut | join | freeze     Out: ready | cut | joined | frozen. A frozen relay stays so: nothing passes, nothing closes.
"""
import asyncio
import sys

from helper import serve, tell

HOST, PORT, TO_HOST, TO_PORT = sys.argv[1], int(sys.argv[2]), sys.argv[3], int(sys.argv[4])


class Relay:
    server = None
    writers = set()
    frozen = False

    async def join(self):
        self.server = await asyncio.start_server(self.accept, HOST, PORT)

    async def accept(self, reader, writer):
        try:
            far_reader, far_writer = await asyncio.open_connection(TO_HOST, TO_PORT)
        except OSError:
            writer.close()
            return
        pair = {writer, far_writer}
        self.writers |= pair
        try:
            await asyncio.gather(self.pump(reader, far_writer), self.pump(far_reader, writer))
        except asyncio.CancelledError:
            pass  # the relay ends
        self.writers -= pair

    async def pump(self, reader, writer):
        try:
            while data := await reader.read(65536):
                if self.frozen:
                    continue
                writer.write(data)
                await writer.drain()
        except OSError:
            pass
        writer.close()

    async def command(self, words):
        if words[0] == "cut":
            self.server.close()
            for writer in list(self.writers):
                writer.transport.abort()
            tell("cut")
        elif words[0] == "join":
            await self.join()
            tell("joined")
        elif words[0] == "freeze":
            self.frozen = True
            tell("frozen")


async def main():
    relay = Relay()
    await relay.join()
    tell("ready")
    await serve(relay.command)


asyncio.run(main())
