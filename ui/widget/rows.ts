import type { Unsent } from "./outbox";
import type { Author, Message } from "./wire";

/** A message as it is drawn: stored, or still on its way. The key stays the same when it becomes stored. */
export interface Item {
  key: string;
  at: number;
  author: Author;
  message: Message | null;
  unsent: Unsent | null;
}

/** Messages of one author, no more than five minutes apart. */
export interface Group {
  kind: "group";
  key: string;
  author: Author;
  mine: boolean;
  items: Item[];
}

/** One line of the log. */
export type Row =
  | { kind: "day"; key: string; at: number }
  | { kind: "unread"; key: string; count: number }
  | { kind: "system"; key: string; at: number; body: string }
  | Group;

/** What the log shows. */
export interface RowsOf {
  messages: Message[];
  unsent: Unsent[];
  me: Author;
  /** Where the unread line stands, and how many messages it announces; 0 for none. */
  dividerAfter: number;
  dividerCount: number;
  /** Names the day of a time, in the reader's time zone. */
  dayOf(at: number): string;
}

const groupSpan = 5 * 60_000;

/** Arranges messages in days and groups, with the unread line before the first message it announces. */
export function rowsOf(log: RowsOf): Row[] {
  const rows: Row[] = [];
  let day = "";
  let dividerLeft = log.dividerCount > 0;
  for (const item of itemsOf(log)) {
    const today = log.dayOf(item.at);
    if (today !== day) rows.push({ kind: "day", key: `day ${today}`, at: item.at });
    day = today;
    if (dividerLeft && isNew(item, log)) {
      rows.push({ kind: "unread", key: "unread", count: log.dividerCount });
      dividerLeft = false;
    }
    place(rows, item, log.me.id);
  }
  return rows;
}

function itemsOf({ messages, unsent, me }: RowsOf): Item[] {
  const stored = messages.map((m): Item => ({ key: m.client_id || m.id, at: Date.parse(m.sent_at), author: m.author, message: m, unsent: null }));
  const coming = unsent.map((u): Item => ({ key: u.client_id, at: u.at, author: me, message: null, unsent: u }));
  return [...stored, ...coming];
}

function isNew(item: Item, log: RowsOf): boolean {
  const { message } = item;
  return message !== null && message.seq > log.dividerAfter && message.author.id !== log.me.id && !message.deleted_at;
}

function place(rows: Row[], item: Item, me: string): void {
  if (item.message?.kind === "system") {
    rows.push({ kind: "system", key: item.key, at: item.at, body: item.message.body });
    return;
  }
  const last = rows[rows.length - 1];
  if (last?.kind === "group" && belongs(last, item)) last.items.push(item);
  else rows.push({ kind: "group", key: item.key, author: item.author, mine: item.author.id === me, items: [item] });
}

function belongs(group: Group, item: Item): boolean {
  const before = group.items[group.items.length - 1];
  return group.author.id === item.author.id && Math.abs(item.at - before.at) < groupSpan;
}
