/** The types of ringside.mjs. Rules in parentheses (E1 and on) are those of the event protocol. */

/** `number@namespace`. */
export type DeviceId = string;
/** `number@namespace`. */
export type AgentId = string;
/** `device|callId` (E8). */
export type ConnectionId = string;

export type AgentMode = "Ready" | "NotReady" | "WorkingAfterCall" | "Allocated" | "Logout";
export type LocalState =
  | "None" | "Initiate" | "Alerting" | "Connect" | "Hold" | "Queued" | "Fail" | "Idle";

/** What all events have. */
export interface EventHead {
  eventName: string;
  /** `yyyy.MM.dd HH:mm:ss` on the tenant's clock. */
  eventTime: string;
  /** Milliseconds since 1970. */
  timestamp: number;
  eventType: "agent" | "csta";
  /** Grows by one with each event copy of the namespace (E5). */
  serial: number;
  namespace: string;
}

export interface AgentEvent extends EventHead {
  eventName:
    | "agentLoggedOn" | "agentLoggedOff" | "agentReady" | "agentNotReady" | "agentWorkingAfterCall" | "agentAllocated";
  agentId: AgentId;
  agentMode: AgentMode;
  deviceId: DeviceId;
  reason?: string;
}

/** What all events of calls have. */
export interface CallEvent extends EventHead {
  eventSrc: DeviceId;
  /** Whose copy this is (E7). */
  srcDeviceId: DeviceId;
  callId: string;
  /** The same in all calls that belong together. */
  conversationId: string;
  /** Whose state has changed. */
  deviceId: DeviceId;
  localState: LocalState;
  connectionId: ConnectionId;
  cause?: string;
}

export interface UserData { data: Record<string, string> }

export interface ServiceInitiated extends CallEvent { eventName: "serviceInitiated"; initiatedDevice: DeviceId }
export interface Originated extends CallEvent {
  eventName: "originated"; callingDevice: DeviceId; calledDevice: DeviceId;
}
export interface Delivered extends CallEvent {
  eventName: "delivered"; alertingDevice: DeviceId; callingDevice: DeviceId; calledDevice: DeviceId;
  trunkGroup?: string; trunkMember?: string; userData?: UserData; callType: "Internal" | "Inbound" | "Outbound";
}
export interface Established extends CallEvent {
  eventName: "established"; answeringDevice: DeviceId; callingDevice: DeviceId; calledDevice: DeviceId;
}
export interface Held extends CallEvent { eventName: "held"; holdingDevice: DeviceId }
export interface Retrieved extends CallEvent { eventName: "retrieved"; retrievingDevice: DeviceId }
export interface ConnectionCleared extends CallEvent {
  eventName: "connectionCleared"; releasingDevice: DeviceId; hangupDevice: DeviceId;
}
export interface Failed extends CallEvent { eventName: "failed" }
export interface Transferred extends CallEvent {
  eventName: "transferred"; primaryOldCall: string; secondaryOldCall: string; transferringDevice: DeviceId;
  transferredToDevice: DeviceId; newCall: string;
}
export interface Conferenced extends CallEvent {
  eventName: "conferenced"; primaryOldCall: string; secondaryOldCall: string; conferencingDevice: DeviceId;
  addedParty: DeviceId; newCall: string;
}
export interface RecordEvent extends EventHead {
  eventName: "recordStarted" | "recordStopped"; recordId: string; isSuccess?: boolean; fileName?: string;
}

/** An event by its name. */
export interface Events {
  agentLoggedOn: AgentEvent; agentLoggedOff: AgentEvent; agentReady: AgentEvent; agentNotReady: AgentEvent;
  agentWorkingAfterCall: AgentEvent; agentAllocated: AgentEvent;
  serviceInitiated: ServiceInitiated; originated: Originated; delivered: Delivered; established: Established;
  held: Held; retrieved: Retrieved; connectionCleared: ConnectionCleared; failed: Failed; transferred: Transferred;
  conferenced: Conferenced; recordStarted: RecordEvent; recordStopped: RecordEvent;
}

export type RingsideEvent = Events[keyof Events];

export interface CallOfDevice {
  callId: string; connectionId: ConnectionId; ani: DeviceId; dnis: DeviceId; state: LocalState;
  direction: "In" | "Out"; otherSide?: DeviceId; otherSides?: DeviceId[]; ringTime?: string; answerTime?: string;
  callType: string; userData?: UserData; conversationId: string; consultedFrom?: string; recordId?: string;
}

/** What there is now. The events after `serial` are still to come. */
export interface Snapshot {
  agent?: {
    agentId: AgentId; agentName: string; agentMode: AgentMode; namespace: string; extensionId?: DeviceId;
    pendingMode?: AgentMode; reason?: string; activeCall?: CallOfDevice;
  };
  extension?: { deviceId: DeviceId; state: LocalState };
  calls: CallOfDevice[] | object[];
  serial: number;
}

/** Also told by `on`: what is no event of the protocol. */
export interface Notices {
  /** Every event, whatever its name. */
  "*": RingsideEvent;
  /** At the start, and when the server could not replay what was missed: forget what you knew, begin with this. */
  snapshot: Snapshot;
  state: "connecting" | "connected" | "closed";
  /** If `connect` was asked for them: at once, and when they have changed, at most once a second. */
  measures: Measures;
  /** The session is over and could not be renewed: log in again. */
  sessionEnded: undefined;
}

/** The measures of the namespace as they stand: what there was before is worth nothing any more. */
export type Measures =
  | { measures: "splits"; splits: SplitMeasures[] }
  | { measures: "campaigns"; campaigns: object[] };

/** A split as it is, and what came of its calls today; docs/metrics.md defines each measure. */
export interface SplitMeasures {
  splitId: DeviceId;
  name: string;
  waiting: number;
  longestWaitMilliseconds?: number;
  agents: { idle: number; inCall: number; workingAfterCall: number; notReady: number; loggedOff: number };
  entered: number;
  answered: number;
  answeredInTime: number;
  abandoned: number;
  overflowed: number;
  givenUp: number;
  serviceLevelSeconds: number;
  serviceLevelPercent?: number;
  averageSpeedOfAnswerMilliseconds?: number;
  occupancyPercent?: number;
}

export class RingsideError extends Error {
  /** Of HTTP; 0: the server could not be reached. */
  readonly status: number;
  /** For programs; does not change between versions. */
  readonly code: string;
  /** All that the server said. */
  readonly body: Record<string, unknown>;
}

export class Ringside {
  /** @param url of the server, `https://cti.example`; left out: where the page came from. */
  constructor(url?: string | URL);

  readonly state: "connecting" | "connected" | "closed";
  /** Of the last event that came, or of the snapshot. */
  readonly serial: number;
  readonly session: string | undefined;

  /** @returns a function that takes the listener away. */
  on<Name extends keyof Events>(name: Name, listener: (event: Events[Name]) => void): () => void;
  on<Name extends keyof Notices>(name: Name, listener: (notice: Notices[Name]) => void): () => void;

  /** Begins a session. It is begun anew by itself when it is over, as long as the password holds. */
  logIn(account: { username: string; password: string; namespace?: string }): Promise<void>;
  /** Goes on with a session from elsewhere, as of a page that was reloaded. */
  resume(session: string): void;
  /** Ends the session; the agent stays logged in on its device. */
  logOut(): Promise<void>;

  /**
   * Follows the events until `close()`, each once and in order, through lost connections and restarts of the server.
   * Rejects, and is "closed", when the session is not good or the first snapshot cannot be had; it may be called again.
   * @param options.after go on after this serial instead of with a snapshot.
   * @param options.measures what to get beside the events, as the notice `measures`: for supervisors and admins only; who is neither
   *   never gets connected.
   */
  connect(options?: { after?: number; measures?: ("splits" | "campaigns")[] }): Promise<void>;
  close(): void;

  /** Logs an agent in on a device and keeps it logged in by heartbeats. */
  agentLogIn(login: { agent: AgentId; device: DeviceId; password?: string; mode?: "Ready" | "NotReady" }): Promise<void>;
  agentLogOut(agent: AgentId): Promise<void>;
  /** @returns the mode that will come when the call ends, if it cannot come now (E13). */
  setMode(agent: AgentId, mode: "Ready" | "NotReady", reason?: string): Promise<AgentMode | undefined>;

  snapshot(): Promise<Snapshot>;
  calls(device?: DeviceId): Promise<{ calls: object[]; total: number; serial: number }>;

  /**
   * Dials. What comes of it are events.
   * @returns the new call's id.
   */
  call(from: DeviceId, to: string, options?: {
    userData?: Record<string, string>;
    /** Call progress analysis: `failed` comes if the call fails (E19). */
    analysis?: boolean;
    /** What the called side is shown instead of the caller's number. */
    showAs?: string;
    /** What the caller's phone is shown instead of the called number. */
    showNumber?: string;
  }): Promise<string>;
  answer(connection: ConnectionId): Promise<void>;
  hangUp(connection: ConnectionId): Promise<void>;
  hold(connection: ConnectionId): Promise<void>;
  retrieve(connection: ConnectionId): Promise<void>;
  /** Hands the other party over at once. `returns`: it comes back when the other has hung up. */
  transferTo(connection: ConnectionId, number: string, options?: { returns?: boolean }): Promise<void>;
  addParty(connection: ConnectionId, number: string, options?: { silent?: boolean }): Promise<void>;
  /** @returns the id of the call to the one who is consulted. */
  consult(connection: ConnectionId, number: string): Promise<string>;
  cancelConsultation(held: ConnectionId, call: string): Promise<void>;
  transfer(held: ConnectionId, call: string, options?: { returns?: boolean }): Promise<void>;
  conference(held: ConnectionId, call: string): Promise<void>;
  setUserData(call: string, data: Record<string, string>): Promise<void>;
  startRecording(device: DeviceId): Promise<void>;
  stopRecording(device: DeviceId): Promise<void>;
}
