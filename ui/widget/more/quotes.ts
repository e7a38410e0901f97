import type { Chat } from "../chat";
import type { User } from "../wire";

/** A message as it is shown above its answers; `attachments` says how many files it has. */
export interface Quoted {
  id: string;
  author: User;
  body: string;
  deleted?: boolean;
  hidden?: boolean;
}

const atOnce = 50;

/** The quoted messages that are not loaded: asked for once, those of a moment together. */
export class Quotes {
  private held = new Map<string, Quoted | null | undefined>();
  private wanted = new Set<string>();

  constructor(private chat: Chat) {}

  /** The quoted message; undefined while it is asked for, and null when it is not to be had. */
  find(id: string): Quoted | null | undefined {
    const { messages } = this.chat.conversation;
    const here = messages.find((m) => m.id === id);
    if (here) return { ...here, deleted: Boolean(here.deleted_at) };
    if (!this.held.has(id)) this.want(id);
    return this.held.get(id);
  }

  private want(id: string): void {
    if (this.wanted.size === 0) queueMicrotask(() => void this.ask());
    this.wanted.add(id);
  }

  private async ask(): Promise<void> {
    const ids = [...this.wanted];
    for (const id of ids) this.held.set(id, undefined);
    this.wanted.clear();
    for (let i = 0; i < ids.length; i += atOnce) await this.fetch(ids.slice(i, i + atOnce));
    this.chat.changes.send();
  }

  private async fetch(ids: string[]): Promise<void> {
    const answer = (await this.chat.conversation.ask("quotes", { ids }).catch(() => null)) as { quotes?: Quoted[] } | null;
    for (const id of ids) this.held.set(id, answer?.quotes?.find((q) => q.id === id) ?? null);
  }
}

const books = new WeakMap<Chat, Quotes>();

/** The quotes of one chat. */
export function quotesOf(chat: Chat): Quotes {
  const quotes = books.get(chat) ?? new Quotes(chat);
  books.set(chat, quotes);
  return quotes;
}
