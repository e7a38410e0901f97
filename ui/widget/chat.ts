import { wallClock, type Clock } from "./clock";
import { Connection } from "./connection";
import { Conversation } from "./conversation";
import { Credential } from "./credential";
import { localKeeper } from "./keeper";
import type { LinkState } from "./link";
import type { Settings } from "./settings";
import { Signal } from "./signal";
import type { Joined } from "./wire";
import { Words } from "./words";

const toRead = 8_000;

/** One chat on a page: a conversation, the connection that feeds it, and the credential of the visitor. */
export class Chat {
  readonly conversation: Conversation;
  readonly clock: Clock = wallClock;
  readonly words: Words;
  /** Told after each change of the conversation or the connection. */
  readonly changes = new Signal();
  /** What did not work just now, in words, or "". */
  trouble = "";
  private connection: Connection;
  private credential: Credential;

  constructor(readonly settings: Settings) {
    const changed = () => this.changes.send();
    this.words = new Words(settings.locale);
    this.credential = new Credential(settings.token, settings.tokenSource, this.clock, () => this.connection.reauthorise());
    this.connection = new Connection(settings, this.credential, this.clock, changed);
    this.conversation = new Conversation({ wire: this.connection, clock: this.clock, keeper: localKeeper, newId });
    this.conversation.changes.on(changed);
  }

  /** Connects, and brings back what an earlier page could not send. */
  start(): void {
    const { sub } = this.credential.claims;
    if (sub !== undefined && this.settings.conversation !== "*") this.openOutbox(this.settings.conversation, String(sub));
    const { conversation } = this;
    void this.connection.start({
      joinRequest: () => conversation.ledger.joinRequest(),
      join: (answer) => this.joined(answer),
      leave: () => conversation.leave(),
      receive: (event, payload) => conversation.receive(event, payload),
    });
  }

  /** Ends the chat; it cannot be started again. */
  stop(): void {
    this.conversation.leave();
    this.credential.stop();
    this.connection.stop();
  }

  /** How the connection stands. */
  get link(): LinkState {
    return this.connection.state;
  }

  /** Whether a refused visitor can be helped by asking for a fresh token. */
  get canRenew(): boolean {
    return this.credential.canRenew;
  }

  /** Tries everything that waits at once: the connection, or the unsent messages. */
  retry(): void {
    if (this.link.phase === "open") this.conversation.outbox.tryNow();
    else void this.connection.retryNow();
  }

  /** Says for a while what did not work. */
  complain(trouble: string): void {
    this.trouble = trouble;
    this.changes.send();
    this.clock.after(toRead, () => {
      if (this.trouble !== trouble) return;
      this.trouble = "";
      this.changes.send();
    });
  }

  private joined(answer: Joined): void {
    const { conversation } = this.settings;
    this.openOutbox(answer.conversation_id ?? conversation, answer.me.user.id);
    this.conversation.join(answer);
  }

  private openOutbox(conversation: string, user: string): void {
    const drawer = [this.settings.socket, conversation, user].map(encodeURIComponent).join("/");
    this.conversation.outbox.open(`planga/outbox/${drawer}/`);
  }
}

/** 128 random bits; also where the page is not served over HTTPS and `randomUUID` is missing. */
function newId(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
