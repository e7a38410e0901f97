import type { Chat } from "../chat";
import type { Message, User } from "../wire";

/** A message as it is shown above its answers. */
export interface Quoted {
  id: string;
  author: User;
  body: string;
  deleted?: boolean;
  hidden?: boolean;
}

const atOnce = 50;

/** What quotes need of the chat they stand in. */
type Place = Pick<Chat, "conversation" | "changes">;

/** The quoted messages that are not loaded: those of a moment are asked for together, and each until it is answered. */
export class Quotes {
  private held = new Map<string, Quoted | null>();
  private wanted = new Set<string>();
  private asked = new Set<string>();

  constructor(private chat: Place) {
    chat.conversation.changed.on((message) => {
      if (this.held.has(message.id)) this.held.set(message.id, quoted(message));
    });
  }

  /** The quoted message; undefined while it is asked for, and null when it is not to be had. */
  find(id: string): Quoted | null | undefined {
    const here = this.chat.conversation.messages.find((m) => m.id === id);
    if (here) return quoted(here);
    if (!this.held.has(id)) this.want(id);
    return this.held.get(id);
  }

  private want(id: string): void {
    if (this.asked.has(id) || !this.chat.conversation.joined) return;
    if (this.wanted.size === 0) queueMicrotask(() => void this.ask());
    this.wanted.add(id);
  }

  private async ask(): Promise<void> {
    const ids = [...this.wanted];
    this.wanted.clear();
    for (const id of ids) this.asked.add(id);
    for (let i = 0; i < ids.length; i += atOnce) await this.fetch(ids.slice(i, i + atOnce));
  }

  /** What is not answered is asked for again when it is next drawn. */
  private async fetch(ids: string[]): Promise<void> {
    const answer = (await this.chat.conversation.ask("quotes", { ids }).catch(() => null)) as { quotes?: Quoted[] } | null;
    for (const id of ids) this.asked.delete(id);
    if (!answer) return;
    for (const id of ids) this.held.set(id, answer.quotes?.find((q) => q.id === id) ?? null);
    this.chat.changes.send();
  }
}

function quoted(message: Message): Quoted {
  return { ...message, deleted: Boolean(message.deleted_at) };
}

const books = new WeakMap<Chat, Quotes>();

/** The quotes of one chat. */
export function quotesOf(chat: Chat): Quotes {
  const quotes = books.get(chat) ?? new Quotes(chat);
  books.set(chat, quotes);
  return quotes;
}
