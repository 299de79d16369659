"""Runs SIPp as customers on the trunk, at NET.2. usage: customers.py NET FOLDER NUMBER COUNT PER_SECOND TALK_MS|waiting

The first shows +15551 as its number, the next one +15552, …
TALK_MS: each hangs up so long after the answer.
waiting: each talks until it is hung up; only those whose number ends in 0 or 5 hang up 3 s after the answer, which may be that
    of a queue.

Out: over STATUS, 0 if every call was answered and ended as it should.
"""
import asyncio
import os
import subprocess
import sys

from helper import end, serve, tell

HERE = os.path.dirname(os.path.abspath(__file__))
NET, FOLDER, NUMBER, COUNT, PER_SECOND, TALK = sys.argv[1:7]


async def main():
    os.makedirs(FOLDER, exist_ok=True)
    log = open(FOLDER + "/sipp.log", "wb")
    scenario, talk = ("waiting", "0") if TALK == "waiting" else ("customer", TALK)
    process = await asyncio.create_subprocess_exec(
        "sipp", "-sf", f"{HERE}/sipp/{scenario}.xml", "-i", NET + ".2", "-mi", NET + ".2", "-p", "5081", "-mp", "6200",
        "-s", NUMBER, "-m", COUNT, "-r", PER_SECOND, "-d", talk, "-timeout", "100", "-trace_err", "-nostdin",
        NET + ".1:5060", stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=FOLDER)

    async def watch():
        tell("over", await process.wait())

    async def command(words):
        tell("failed", words[0])
    watching = asyncio.create_task(watch())
    try:
        await serve(command)
    finally:
        watching.cancel()
        await end(process)


asyncio.run(main())
