// Compiled, and not run, by the tests: what the types of the JavaScript module have to let be written, and what not.
import { Ringside, RingsideError } from "../../clients/javascript/ringside.mjs";
import type { AgentMode, ConnectionId, Snapshot } from "../../clients/javascript/ringside.mjs";

const desk = new Ringside("https://cti.example");
desk.on("snapshot", (now: Snapshot) => console.log(now.serial, now.agent?.agentMode));
const stop: () => void = desk.on("delivered", (event) => {
  const connection: ConnectionId = event.connectionId;
  desk.answer(connection).catch((error: unknown) => {
    if (error instanceof RingsideError) console.log(error.status, error.code, error.body);
  });
});
desk.on("*", (event) => {
  if (event.eventName === "established") console.log(event.answeringDevice);
  // @ts-expect-error Not every event has it.
  console.log(event.answeringDevice);
});
desk.on("measures", (now) => console.log(now.measures === "splits" ? now.splits[0]?.agents.idle : now.campaigns.length));
desk.on("state", (state) => state === "connected");
desk.on("sessionEnded", () => stop());
// @ts-expect-error There is no such event.
desk.on("ringing", () => {});

export async function work(): Promise<AgentMode | undefined> {
  await desk.logIn({ username: "5001", password: "demo", namespace: "demo.cc" });
  await desk.connect({ after: 17 });
  await desk.connect({ measures: ["splits", "campaigns"] });
  // @ts-expect-error There is nothing of that kind.
  await desk.connect({ measures: ["agents"] });
  await desk.agentLogIn({ agent: "5001@demo.cc", device: "8001@demo.cc", mode: "NotReady" });
  const call: string = await desk.call("8001@demo.cc", "8002", { userData: { order: "17" }, analysis: true });
  const held: ConnectionId = `8001@demo.cc|${call}`;
  const other = await desk.consult(held, "8003");
  await desk.transfer(held, other, { returns: true });
  // @ts-expect-error A password has to be given.
  await desk.logIn({ username: "5001" });
  return desk.setMode("5001@demo.cc", "Ready");
}
