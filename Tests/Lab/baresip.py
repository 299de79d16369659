"""Runs one baresip phone, registered at the lab's Asterisk. usage: baresip.py NUMBER NET FOLDER [auto]

With auto it answers by itself.

In: dial NUMBER | answer | reject | hangup | hold | retrieve     Out: registered, incoming, ringing, up, ended, done
"""
import asyncio
import json
import os
import subprocess
import sys

from helper import end, serve, tell

NUMBER, NET, FOLDER = sys.argv[1:4]
ANSWER = "auto" if "auto" in sys.argv[4:] else "manual"
SERVER = NET + ".1"
# It listens for TLS at the port after that for SIP.
SIP_PORT, CONTROL_PORT = 15000 + 2 * (int(NUMBER) % 1000), 17000 + int(NUMBER) % 1000
COMMANDS = {"dial": "dial", "answer": "accept", "reject": "hangup", "hangup": "hangup", "hold": "hold",
            "retrieve": "resume"}
TOLD = {"REGISTER_OK": "registered", "CALL_INCOMING": "incoming", "CALL_RINGING": "ringing",
        "CALL_ESTABLISHED": "up", "CALL_CLOSED": "ended"}
ACCOUNT = (f"<sip:{NUMBER}@{SERVER};transport=udp>;auth_pass=pw{NUMBER};regint=300;audio_codecs=PCMU/8000/1"
           f";answermode={ANSWER}")
CONFIGURATION = f"""\
poll_method epoll
net_interface {SERVER}
sip_listen {SERVER}:{SIP_PORT}
call_local_timeout 120
call_max_calls 4
audio_path /usr/share/baresip
audio_player aufile,nil
audio_source ausine,410
audio_alert aufile,{FOLDER}/alert.wav
ausrc_srate 48000
auplay_srate 8000
ausrc_channels 2
auplay_channels 1
ausrc_format s16
auplay_format s16
rtp_ports 30000-30400
rtp_timeout 0
module_path /usr/lib/baresip/modules
module g711.so
module ausine.so
module aufile.so
module_app account.so
module_app menu.so
module_app ctrl_tcp.so
ctrl_tcp_listen {SERVER}:{CONTROL_PORT}
"""


class Phone:
    async def connect(self):
        for _ in range(100):
            try:
                self.reader, self.writer = await asyncio.open_connection(SERVER, CONTROL_PORT)
                return
            except OSError:
                await asyncio.sleep(0.05)
        raise TimeoutError("no control port")

    async def read(self):
        """Messages are netstrings of JSON."""
        while True:
            length = int((await self.reader.readuntil(b":"))[:-1])
            message = json.loads((await self.reader.readexactly(length + 1))[:-1])
            if message.get("response"):
                tell("done" if message.get("ok") else "failed", message.get("token", ""))
            elif message.get("type") in TOLD:
                tell(TOLD[message["type"]], message.get("param", ""))

    async def command(self, words):
        await self.send(COMMANDS[words[0]], " ".join(words[1:]), words[0])

    async def send(self, command, parameters, token):
        data = json.dumps({"command": command, "params": parameters, "token": token}).encode()
        self.writer.write(b"%d:%s," % (len(data), data))
        await self.writer.drain()


async def main():
    os.makedirs(FOLDER, exist_ok=True)
    with open(FOLDER + "/config", "w") as file:
        file.write(CONFIGURATION)
    open(FOLDER + "/accounts", "w").close()
    open(FOLDER + "/contacts", "w").close()
    log = open(FOLDER + "/log", "wb")
    process = await asyncio.create_subprocess_exec(
        "baresip", "-f", FOLDER, "-v", stdin=subprocess.DEVNULL, stdout=log, stderr=log)
    reading = None
    try:
        phone = Phone()
        await phone.connect()
        reading = asyncio.create_task(phone.read())
        tell("ready")
        # Registered only now, so that its registration is told.
        await phone.send("uanew", ACCOUNT, "register")
        await serve(phone.command)
    finally:
        if reading:
            reading.cancel()
        await end(process)


asyncio.run(main())
