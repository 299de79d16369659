/**
 * Ringside for JavaScript: one module without dependencies, for browsers and for every runtime that has fetch and WebSocket.
 * Types and their documentation: ringside.d.mts.
 */

/** What the server refused, or that it could not be reached (`status` 0). */
export class RingsideError extends Error {
  constructor(status, code, message, body = {}) {
    super(message);
    this.name = "RingsideError";
    this.status = status;
    this.code = code;
    this.body = body;
  }
}

const HEARTBEAT_MILLISECONDS = 60_000;
const RENEWAL_MILLISECONDS = 4 * 3600_000;
const FIRST_DELAY = 250;
const LONGEST_DELAY = 15_000;
const REQUEST_MILLISECONDS = 15_000;
const closedMeanwhile = () => new RingsideError(0, "closed", "It was closed before it stood.");
/** Close codes of the server. */
const CLOSED = { sessionOver: 4401, tooOld: 4410 };

export class Ringside {
  #url;
  #session;
  #account;
  #listeners = new Map();
  #socket;
  #following;
  #state = "closed";
  #serial = 0;
  /** What is wanted beside the events. */
  #measures = [];
  #heartbeat;
  #renewal;
  /** Who is kept logged in. */
  #agent;
  /** Gives the connection up. */
  #lost;

  /** @param {string} url of the server, `https://cti.example`; left out: where the page came from. */
  constructor(url = globalThis.location?.origin) {
    this.#url = new URL(url);
  }

  get state() { return this.#state; }
  get serial() { return this.#serial; }
  get session() { return this.#session; }

  /** Calls `listener` for one kind of event, or for all of them (`"*"`). Returns a function that ends that. */
  on(name, listener) {
    const listeners = this.#listeners.get(name) ?? new Set();
    this.#listeners.set(name, listeners.add(listener));
    return () => listeners.delete(listener);
  }

  // Sessions

  async logIn({ username, password, namespace }) {
    const body = new URLSearchParams({ username, password, ...(namespace ? { namespace } : {}) });
    const answer = await this.#send("POST", "/login", { body });
    this.#session = answer.sessionId;
    this.#account = { username, password, namespace };
  }

  /** Goes on with a session from elsewhere, as of a page that was reloaded. */
  resume(session) { this.#session = session; }

  async logOut() {
    this.close();
    await this.#post("/api/security/logout");
    this.#session = this.#account = undefined;
  }

  // Events

  /**
   * Follows the events until `close()`, through lost connections and restarts of the server, each event once and in order.
   * Resolves when the first snapshot is there and the connection stands; rejects if the session is not good, or the first
   * snapshot is not to be had: the state is "closed" then, and it can be called again.
   */
  async connect({ after, measures = [] } = {}) {
    this.close();
    this.#measures = measures;
    const following = (this.#following = new AbortController());
    this.#enter("connecting");
    if (after === undefined) {
      try {
        await this.#takeSnapshot(following.signal);
      } catch (error) {
        // Unless it was closed, or begun anew, meanwhile.
        if (this.#following === following) this.close();
        throw error;
      }
    } else {
      this.#serial = after;
      if (this.#agent) this.#beat(this.#agent);
    }
    if (following.signal.aborted) throw closedMeanwhile();
    // A session that fails to be renewed ends in its time, and is then begun anew.
    this.#renewal = setInterval(() => this.#post("/api/security/renew").catch(() => {}), RENEWAL_MILLISECONDS);
    this.#renewal.unref?.();
    return new Promise((resolve, reject) => {
      this.#follow(following.signal, resolve).then(() => reject(closedMeanwhile()), reject);
    });
  }

  close() {
    this.#following?.abort();
    this.#following = undefined;
    this.#socket?.close(1000);
    this.#socket = undefined;
    clearInterval(this.#renewal);
    clearInterval(this.#heartbeat);
    this.#heartbeat = undefined;
    this.#enter("closed");
  }

  async #follow(signal, isConnected) {
    let delay = FIRST_DELAY;
    while (!signal.aborted) {
      const ended = await this.#socketUntilItEnds(signal, () => {
        delay = FIRST_DELAY;
        this.#enter("connected");
        isConnected();
      });
      if (signal.aborted) return;
      this.#enter("connecting");
      if (ended.code === CLOSED.tooOld) {
        try {
          await this.#again(() => this.#takeSnapshot(signal), signal);
        } catch (error) {
          if (error.status !== 401) throw this.#over(error);
          await this.#logInAgain(signal);
        }
        continue;
      }
      if (ended.code === CLOSED.sessionOver) await this.#logInAgain(signal);
      // Spread over time, so that a server that comes back is not met by all at once.
      await pause(delay * (0.5 + Math.random()), signal);
      delay = Math.min(2 * delay, LONGEST_DELAY);
    }
  }

  /** One connection from beginning to end; resolves with why it ended. */
  async #socketUntilItEnds(signal, opened) {
    let ticket;
    try {
      ({ ticket } = await this.#post("/api/security/ticket"));
    } catch (error) {
      return { code: error.status === 401 ? CLOSED.sessionOver : 0 };
    }
    if (signal.aborted) return { code: 1000 };
    const url = new URL("/events", this.#url);
    url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
    url.searchParams.set("after", this.#serial);
    url.searchParams.set("ticket", ticket);
    if (this.#measures.length) url.searchParams.set("measures", this.#measures.join(","));
    const socket = (this.#socket = new WebSocket(url));
    return new Promise((resolve) => {
      socket.onopen = opened;
      socket.onmessage = ({ data }) => { if (this.#socket === socket) this.#receive(JSON.parse(data)); };
      socket.onclose = resolve;
      this.#lost = (reason) => {
        this.#socket = undefined;
        socket.close();
        resolve(reason);
      };
    });
  }

  #receive(event) {
    // No event: it has no serial, and only the latest counts.
    if (event.measures) return this.#tell("measures", event);
    if (event.serial <= this.#serial) return;
    this.#serial = event.serial;
    this.#tell(event.eventName, event);
    this.#tell("*", event);
  }

  /** What there is now; the events that follow are those after its serial. */
  async #takeSnapshot(signal) {
    const snapshot = await this.snapshot().catch((error) => {
      // A supervisor need not be an agent.
      if (error.code === "noSuchAgent") return this.calls();
      throw error;
    });
    if (signal.aborted) return;
    this.#serial = snapshot.serial;
    if (snapshot.agent?.extensionId) this.#beat(snapshot.agent.agentId);
    this.#tell("snapshot", snapshot);
  }

  async #logInAgain(signal) {
    try {
      if (!this.#account) throw new RingsideError(401, "noSession", "The session is over: log in again.");
      await this.#again(() => this.logIn(this.#account), signal);
    } catch (error) {
      // Not with this password any more: the page has to ask for another one.
      throw this.#over(error);
    }
  }

  #over(error) {
    this.close();
    this.#tell("sessionEnded");
    return error;
  }

  /** Until it can be done; a refusal that will stay one is thrown. */
  async #again(action, signal) {
    for (let delay = FIRST_DELAY; !signal.aborted; delay = Math.min(2 * delay, LONGEST_DELAY)) {
      try {
        return await action();
      } catch (error) {
        if (error.status !== 0 && error.status !== 429 && error.status < 500) throw error;
        await pause(delay * (0.5 + Math.random()), signal);
      }
    }
  }

  #enter(state) {
    if (this.#state === state) return;
    this.#state = state;
    this.#tell("state", state);
  }

  #tell(name, value) {
    for (const listener of [...(this.#listeners.get(name) ?? [])]) {
      try {
        listener(value);
      } catch (error) {
        // A listener's fault must not cost the others their events.
        globalThis.reportError ? globalThis.reportError(error) : console.error(error);
      }
    }
  }

  // Agents

  async agentLogIn({ agent, device, password = this.#account?.password, mode = "Ready" }) {
    await this.#agentState({ func: "Login", loginId: agent, device, password, agentMode: mode });
    this.#beat(agent);
  }

  async agentLogOut(agent) {
    clearInterval(this.#heartbeat);
    this.#heartbeat = this.#agent = undefined;
    await this.#agentState({ func: "Logout", agentId: agent });
  }

  /** @returns the mode that will come when the call ends, if there is one. */
  async setMode(agent, mode, reason) {
    return (await this.#agentState({ func: "SetState", agentId: agent, agentMode: mode, reason })).pendingMode;
  }

  #agentState(body) { return this.#post("/api/csta/agent/state", body); }

  #beat(agent) {
    this.#agent = agent;
    if (this.#heartbeat) return;
    const beat = () => this.#post(`/api/csta/agent/heartbeat/${encodeURIComponent(agent)}`).catch((error) => {
      // A connection that died without a word looks as if it stood.
      if (error.status === 0) this.#lost?.({ code: 0 });
    });
    this.#heartbeat = setInterval(beat, HEARTBEAT_MILLISECONDS);
    this.#heartbeat.unref?.();
  }

  // Calls

  snapshot() { return this.#send("GET", "/api/csta/agent/client-state"); }
  calls(device) {
    return this.#send("GET", "/api/csta/callControl/calls" + (device ? `?device=${encodeURIComponent(device)}` : ""));
  }

  async call(from, to, { userData, analysis = false, showAs, showNumber } = {}) {
    const answer = await this.#post("/api/csta/callControl/calls", {
      from, to, cpa: analysis ? "1" : "0", contextId: userData, originForDisplay: showAs, destForDisplay: showNumber,
    });
    return answer.callId;
  }

  answer(connection) { return this.#onConnection(connection, "answer"); }
  hangUp(connection) { return this.#send("DELETE", pathOf(connection)); }
  hold(connection) { return this.#onConnection(connection, "hold"); }
  retrieve(connection) { return this.#onConnection(connection, "retrieve"); }

  transferTo(connection, number, { returns = false } = {}) {
    return this.#onConnection(
      connection, returns ? "singleStepTransferCallAndWait" : "singleStepTransfer", { transferTo: number });
  }

  addParty(connection, number, { silent = false } = {}) {
    const participationType = silent ? "Silent" : "Active";
    return this.#onConnection(connection, "singleStepConference", { conferenceParticipant: number, participationType });
  }

  async consult(connection, number) {
    return (await this.#onConnection(connection, "consult", { consultationParticipant: number })).callId;
  }

  cancelConsultation(held, call) { return this.#onConnection(held, "cancelConsult", { consultCallId: call }); }
  transfer(held, call, { returns = false } = {}) {
    return this.#onConnection(held, returns ? "transferAndWait" : "transfer", { consultCallId: call });
  }
  conference(held, call) { return this.#onConnection(held, "conference", { consultCallId: call }); }

  setUserData(call, data) {
    const entries = Object.entries(data).map(([key, value]) => ({ key, value }));
    return this.#post(`/api/csta/callControl/calls/${encodeURIComponent(call)}/user-data`, { entries });
  }

  startRecording(device) { return this.#record("Start", device); }
  stopRecording(device) { return this.#record("Stop", device); }

  #record(what, device) {
    return this.#post(`/api/csta/callControl/recording/${what}?extension=${encodeURIComponent(device)}`);
  }

  #onConnection(connection, service, body) { return this.#post(`${pathOf(connection)}/${service}`, body); }

  #post(path, body) { return this.#send("POST", path, body === undefined ? {} : { body: JSON.stringify(body) }); }

  async #send(method, path, { body } = {}) {
    const headers = this.#session ? { Authorization: `Bearer ${this.#session}` } : {};
    if (typeof body === "string") headers["Content-Type"] = "application/json";
    let response;
    try {
      response = await fetch(new URL(path, this.#url), {
        method, headers, body, cache: "no-store", credentials: "omit", signal: AbortSignal.timeout(REQUEST_MILLISECONDS),
      });
    } catch (error) {
      throw new RingsideError(0, "unreachable", `${this.#url.origin} cannot be reached: ${error.message}`);
    }
    const text = await response.text();
    let answer = {};
    try {
      if (text) answer = JSON.parse(text);
    } catch {
      throw new RingsideError(response.status, "notJSON", `${method} ${path} was not answered by Ringside`);
    }
    if (!response.ok) throw new RingsideError(response.status, answer.code, answer.message, answer);
    return answer;
  }
}

/** A connection's path: `8001@demo.cc|4af7…`. */
function pathOf(connection) {
  const call = connection.slice(connection.indexOf("|") + 1);
  return `/api/csta/callControl/calls/${encodeURIComponent(call)}/connections/${encodeURIComponent(connection)}`;
}

function pause(milliseconds, signal) {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const timer = setTimeout(resolve, milliseconds);
    signal.addEventListener("abort", () => { clearTimeout(timer); resolve(); }, { once: true });
  });
}
