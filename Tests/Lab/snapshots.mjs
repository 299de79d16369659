// Prints the serials of snapshots and events as they come, and why it ends: snapshots.mjs URL AGENT PASSWORD
import { Ringside } from "../../clients/javascript/ringside.mjs";

const [url, username, password] = process.argv.slice(2);
const desk = new Ringside(url);
desk.on("snapshot", (snapshot) => console.log("snapshot", snapshot.serial));
desk.on("*", (event) => console.log("event", event.serial));
desk.on("state", (state) => { if (state === "closed") console.log("closed"); });
await desk.logIn({ username, password });
await desk.connect();
