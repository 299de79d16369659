// Prints how many agents of each split are logged off, as it changes: measures.mjs URL AGENT PASSWORD
import { Ringside } from "../../clients/javascript/ringside.mjs";

const [url, username, password] = process.argv.slice(2);
const desk = new Ringside(url);
desk.on("measures", ({ splits }) => console.log("splits", ...splits.map((split) => split.agents.loggedOff)));
desk.on("*", (event) => console.log("event", event.serial));
desk.on("state", (state) => console.log(state));
await desk.logIn({ username, password });
await desk.connect({ measures: ["splits"] });
