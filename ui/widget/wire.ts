// The shapes that travel between a Planga server and this widget. Field names are the server's.

/** A person as the host's site names them. */
export interface User {
  id: string;
  name: string;
  avatar?: string | null;
}

/** Who wrote a message, with the role they had then: "", "moderator" or "reader". */
export interface Author extends User {
  role?: string | null;
}

/** A file that belongs to a message; width and height in pixels for pictures. */
export interface Attachment {
  id: string;
  name: string;
  type: string;
  size: number;
  width?: number;
  height?: number;
  url: string;
}

/**
 * One message. `seq` is its place in the conversation (1, 2, 3 … without gaps); `rev` is the conversation's
 * revision of its last change, so of two copies the one with the greater `rev` is the newer.
 */
export interface Message {
  id: string;
  seq: number;
  rev: number;
  client_id?: string | null;
  author: Author;
  kind: "text" | "system";
  body: string;
  reply_to?: string | null;
  attachments?: Attachment[];
  reactions?: Record<string, string[]>;
  mentions?: string[];
  sent_at: string;
  edited_at?: string | null;
  deleted_at?: string | null;
  hidden?: boolean;
}

/** A member of the conversation. `rev` is there when the server says which change this state belongs to. */
export interface Participant {
  user: User;
  role?: string | null;
  banned_until?: string | null;
  read_seq?: number;
  last_seen?: string | null;
  rev?: number;
}

/** What the server answers to a join. */
export interface Joined {
  epoch: string | number;
  rev: number;
  oldest_seq: number;
  head_seq: number;
  me: Participant;
  participants: Participant[];
  messages: Message[];
  more: boolean;
  read_seq?: number;
  limits?: Limits;
  server_time?: string;
  conversation_id?: string;
  read_only?: boolean;
  topic?: string | null;
}

/** The server's limits as far as the widget minds them. */
export interface Limits {
  body?: number;
  max_body?: number;
}

/** What the server tells about messages asked for by place or by revision. */
export interface Page {
  messages: Message[];
  more: boolean;
  rev?: number;
  participants?: Participant[];
}

/** The answer to a stored message; `dup` says that it had been stored before under the same `client_id`. */
export interface Stored {
  id: string;
  seq: number;
  rev: number;
  sent_at: string;
  dup?: boolean;
}

/** Why the server did not do what was asked: a code for the program and a sentence for the person. */
export interface Refusal {
  reason: string;
  message?: string;
  retry_after_ms?: number;
}

/** Who is connected: by user id, one entry for each of their connections. */
export type Presences = Record<string, { metas: { phx_ref: string }[] }>;

/** What a join asks for: everything after `last_rev` of `epoch`, or the newest `limit` messages. */
export interface JoinRequest {
  last_rev: number | null;
  epoch: string | number | null;
  limit: number;
}

/**
 * The way to the server, as the state sees it. `push` resolves with the server's answer and rejects with a
 * Refusal; the reason is "timeout" when no answer came and "offline" when there was nobody to ask.
 */
export interface Wire {
  push<Reply = unknown>(event: string, payload: object): Promise<Reply>;
}

/** Reasons after which the same deed may succeed later without anybody changing anything. */
const passing = new Set(["timeout", "offline", "busy", "rate_limited", "storage_unavailable", "internal", "unauthorized"]);

/** Whether trying again later makes sense. An unknown reason counts as final, so that the person is told. */
export function isPassing(refusal: Refusal): boolean {
  return passing.has(refusal.reason);
}

/** Makes a Refusal of whatever came back, since a proxy or an old server may answer anything. */
export function asRefusal(answer: unknown): Refusal {
  const given = answer as Partial<Refusal> | null;
  if (given && typeof given.reason === "string") return given as Refusal;
  return { reason: "internal" };
}

/** Whether a payload has what the log cannot do without. */
export function isMessage(payload: any): payload is Message {
  return isCount(payload?.seq) && isCount(payload.rev) && typeof payload.id === "string" && typeof payload.author?.id === "string";
}

/** Whether a payload tells of a member. */
export function isParticipant(payload: any): payload is Participant {
  return typeof payload?.user?.id === "string";
}

/** Whether a value counts something from 1 on. */
export function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) > 0;
}
