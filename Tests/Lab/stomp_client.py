"""A STOMP client that others wrote, stomp.py. usage: stomp_client.py PORT LOGIN PASSCODE DESTINATION…

Out: connected VERSION | subscribed | event NUMBER-OF-DESTINATION JSON | error MESSAGE | disconnected
"""
import sys
import threading

from stomp.adapter.ws import WSStompConnection
from stomp.exception import ConnectFailedException
from stomp.listener import ConnectionListener

PORT, LOGIN, PASSCODE, DESTINATIONS = int(sys.argv[1]), sys.argv[2], sys.argv[3], sys.argv[4:]
printing = threading.Lock()


def tell(*words):
    with printing:
        print(*words, flush=True)


class Listener(ConnectionListener):
    receipts = 0

    def on_connected(self, frame):
        tell("connected", frame.headers["version"])

    def on_receipt(self, frame):
        self.receipts += 1
        if self.receipts == len(DESTINATIONS):
            tell("subscribed")

    def on_message(self, frame):
        tell("event", frame.headers["subscription"], frame.body)
        if frame.headers["subscription"] == "0":
            connection.ack(frame.headers["ack"])

    def on_error(self, frame):
        tell("error", frame.headers["message"])

    def on_disconnected(self):
        tell("disconnected")


connection = WSStompConnection(
    [("127.0.0.1", PORT)], ws_path="/mvc/stomp/websocket", heartbeats=(10000, 10000), reconnect_attempts_max=1)
connection.set_listener("", Listener())
try:
    connection.connect(LOGIN, PASSCODE, wait=True)
except ConnectFailedException:
    sys.stdin.read()  # another thread tells why
    sys.exit()
for number, destination in enumerate(DESTINATIONS):
    # The first is acknowledged message by message, the others by themselves.
    mode = "client-individual" if number == 0 else "auto"
    connection.subscribe(destination, id=str(number), ack=mode, receipt=f"subscribed-{number}")
sys.stdin.read()
connection.disconnect()
