"""What the lab's helpers share: lines in, lines out, and an end with the parent."""
import asyncio
import sys


def tell(*words):
    try:
        print(*words, flush=True)
    except BrokenPipeError:
        pass  # nobody listens any more: the test has ended, and so do we


async def serve(command):
    """Awaits command(words) for each line of standard input, until it is closed."""
    reader = asyncio.StreamReader()
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    while line := await reader.readline():
        words = line.decode().split()
        if not words:
            continue
        try:
            await command(words)
        except Exception as error:  # told to the test, which knows what it asked for
            tell("failed", words[0], repr(error))


async def end(process, seconds=3):
    """Ends a process of ours, by force if it has to be."""
    if process is None or process.returncode is not None:
        return
    process.terminate()
    try:
        await asyncio.wait_for(process.wait(), seconds)
    except asyncio.TimeoutError:
        process.kill()
        await process.wait()
