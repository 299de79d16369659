"""Runs one Asterisk of the lab. usage: asterisk.py ROOT RUN NET

In: start | stop | kill9 | cli COMMAND…     Out: up | down | done
"""
import asyncio
import os
import subprocess
import sys

from helper import end, serve, tell

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT, RUN, NET = sys.argv[1:4]
ENVIRONMENT = dict(os.environ, LAB_NET=NET)


class Asterisk:
    process = None

    async def cli(self, *words):
        process = await asyncio.create_subprocess_exec(
            RUN + "/asterisk", "-rx", " ".join(words), stdout=asyncio.subprocess.PIPE, stderr=subprocess.DEVNULL)
        return (await process.communicate())[0].decode()

    async def start(self):
        log = open(RUN + "/log/stdout", "ab")
        self.process = await asyncio.create_subprocess_exec(
            RUN + "/asterisk", "-f", "-n", stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        for _ in range(150):
            if "fully booted" in await self.cli("core waitfullybooted"):
                tell("up")
                return
            if self.process.returncode is not None:
                break
            await asyncio.sleep(0.05)
        tell("failed", "start")

    async def command(self, words):
        if words[0] == "start":
            await self.start()
        elif words[0] == "stop":
            await self.cli("core stop now")
            await self.process.wait()
            tell("down")
        elif words[0] == "kill9":
            self.process.kill()
            await self.process.wait()
            tell("down")
        elif words[0] == "cli":
            tell("done", (await self.cli(*words[1:])).replace("\n", "|"))


async def main():
    subprocess.run([HERE + "/mkconf.sh", ROOT, RUN], env=ENVIRONMENT, check=True)
    asterisk = Asterisk()
    tell("ready")
    try:
        await serve(asterisk.command)
    finally:
        await end(asterisk.process)


asyncio.run(main())
