"""Runs SIPp as the carrier, at NET.2:5080. usage: carrier.py NET FOLDER

Out: ready. Numbers that end in 01 are busy, in 08 not there, in 40 ring for ever, in 30 to 39 hang up 0 to 9 s after they have
answered; all others ring, answer and talk until they are hung up.
"""
import asyncio
import os
import subprocess
import sys

from helper import end, serve, tell

HERE = os.path.dirname(os.path.abspath(__file__))
NET, FOLDER = sys.argv[1:3]


async def main():
    os.makedirs(FOLDER, exist_ok=True)
    log = open(FOLDER + "/sipp.log", "wb")
    process = await asyncio.create_subprocess_exec(
        "sipp", "-sf", HERE + "/sipp/carrier.xml", "-i", NET + ".2", "-mi", NET + ".2", "-p", "5080", "-mp", "6100",
        "-nostdin", NET + ".1:5060", stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=FOLDER)
    tell("ready")

    async def command(words):
        tell("failed", words[0])
    try:
        await serve(command)
    finally:
        process.kill()
        await end(process)


asyncio.run(main())
