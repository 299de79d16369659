// Prints an agent's events: node examples/events.mjs http://127.0.0.1:8750 5001@demo.cc demo   (Node.js 22 or newer)
import { Ringside } from "../clients/javascript/ringside.mjs";

const [url, username, password] = process.argv.slice(2);
const desk = new Ringside(url);
desk.on("*", (event) => console.log(event.serial, event.eventName, event.deviceId ?? ""));
desk.on("state", (state) => console.error(state));
await desk.logIn({ username, password });
await desk.connect();
