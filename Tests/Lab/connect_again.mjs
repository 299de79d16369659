// Connects with a session that is none, tells what became of it, and connects again with a good one: connect_again.mjs URL AGENT PASSWORD
import { Ringside } from "../../clients/javascript/ringside.mjs";

const [url, username, password] = process.argv.slice(2);
const desk = new Ringside(url);
const states = [];
desk.on("state", (state) => states.push(state));
desk.resume("none");
await desk.connect().catch((error) => console.log("refused", error.status, desk.state));
await desk.logIn({ username, password });
await desk.connect();
console.log("then", desk.state);
await desk.logOut();
console.log(states.join(" "));
