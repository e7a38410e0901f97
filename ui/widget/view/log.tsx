import { Component, createRef } from "preact";
import type { Chat } from "../chat";
import { rowsOf, type Item, type Row } from "../rows";
import { newMessages } from "../words";
import { Avatar } from "./avatar";
import { Group } from "./group";
import { Icon } from "./icon";
import { LogKeys } from "./logkeys";
import { Scroller } from "./scroller";

export interface LogProps {
  chat: Chat;
  now: number;
  /** Whether the chat can be seen, as far as the widget itself decides: false in a closed popup. */
  shown: boolean;
  /** The key of the message whose menu is open. */
  menuFor: string;
  onMenu(item: Item, at: HTMLElement): void;
  onEdit(body: string): void;
}

interface LogState {
  active: string;
  atEnd: boolean;
}

/** What was said. Keeps its place when earlier messages come in above, and follows the newest when it is in sight. */
export class Log extends Component<LogProps, LogState> {
  override state: LogState = { active: "", atEnd: true };
  private box = createRef<HTMLDivElement>();
  private scroller = new Scroller((atEnd) => this.setState({ atEnd }), () => void this.props.chat.conversation.ledger.loadOlder(), () => this.see());
  private keys = new LogKeys((active) => this.setState({ active }), (key, at) => this.openMenu(key, at));
  private items = new Map<string, Item>();
  private drawn: Set<string> | null = null;
  private seeing = () => this.see();

  override componentDidMount(): void {
    this.scroller.start(this.box.current!);
    document.addEventListener("visibilitychange", this.seeing);
    this.scroller.showFirst();
    this.see();
  }

  override componentWillUnmount(): void {
    this.scroller.stop();
    document.removeEventListener("visibilitychange", this.seeing);
    this.props.chat.conversation.unread.watch(false);
  }

  override getSnapshotBeforeUpdate(): void {
    this.scroller.before();
  }

  override componentDidUpdate(before: LogProps): void {
    if (this.props.shown && !before.shown) this.scroller.showFirst();
    else this.scroller.after();
    this.see();
  }

  override render() {
    const { chat, shown, menuFor } = this.props;
    const { ledger } = chat.conversation;
    const rows = this.rows();
    const keys = [...this.items.keys()];
    const reachable = this.items.has(this.state.active) ? this.state.active : (keys[keys.length - 1] ?? "");
    const fresh = this.freshOf(keys);
    return (
      <div class="pl-main" hidden={!shown}>
        <div ref={this.box} class="pl-log" role="log" aria-label="Messages" aria-live="off" tabIndex={0} {...this.keys.handlers}>
          <div class="pl-lines">
            {ledger.loadingOlder && <div class="pl-older" role="status" aria-label="Loading earlier messages"><i class="pl-spin" /></div>}
            {rows.map((row) => this.row(row, menuFor || this.state.active, reachable, fresh))}
            <Typing chat={chat} />
          </div>
        </div>
        {!this.state.atEnd && <Jump chat={chat} onClick={() => this.scroller.toEnd(true)} />}
      </div>
    );
  }

  private rows(): Row[] {
    const { chat, now } = this.props;
    const { conversation, words } = chat;
    const { messages, outbox, unread, people, myId } = conversation;
    const me = people.me?.user ?? { id: myId, name: "" };
    const dividerCount = unread.announced(messages, myId);
    const rows = rowsOf({ messages, unsent: outbox.list, me, dividerAfter: unread.divider?.after ?? 0, dividerCount, dayOf: (at) => words.day(at, now) });
    this.items = new Map(rows.flatMap((row) => (row.kind === "group" ? row.items.map((item): [string, Item] => [item.key, item]) : [])));
    return rows;
  }

  /** The keys of messages that came below those drawn before; what comes in above does not rise. */
  private freshOf(keys: string[]): Set<string> {
    const before = this.drawn;
    const known = before ? keys.findLastIndex((key) => before.has(key)) : -1;
    this.drawn = new Set(keys);
    return new Set(known >= 0 ? keys.slice(known + 1) : []);
  }

  private row(row: Row, active: string, reachable: string, fresh: Set<string>) {
    const { chat, now, onMenu, onEdit } = this.props;
    switch (row.kind) {
      case "day":
        return <p key={row.key} class="pl-day"><time>{chat.words.day(row.at, now)}</time></p>;
      case "unread":
        return <p key={row.key} class="pl-unread" role="separator">{newMessages(row.count)}</p>;
      case "system":
        return <p key={row.key} class="pl-sys" dir="auto">{row.body}</p>;
      case "group":
        return <Group key={row.key} {...{ chat, row, now, active, reachable, fresh, onEdit }} onMore={onMenu} />;
    }
  }

  private openMenu(key: string, at: HTMLElement): void {
    const item = this.items.get(key);
    if (item?.message && !item.message.deleted_at) this.props.onMenu(item, at);
  }

  /** The newest message is before the visitor's eyes when the log's end is, in a page that is looked at. */
  private see(): void {
    const { chat, shown } = this.props;
    const sees = shown && this.scroller.atEnd && this.scroller.onScreen && document.visibilityState === "visible";
    chat.conversation.unread.watch(sees);
    if (sees) chat.conversation.markRead();
  }
}

function Typing({ chat }: { chat: Chat }) {
  const { typing } = chat.conversation.people;
  if (typing.length === 0) return null;
  const first = chat.conversation.people.find(typing[0].id)?.user ?? typing[0];
  return (
    <div class="pl-typing">
      <Avatar user={first} size={28} />
      <span class="pl-dots" aria-hidden="true"><i /><i /><i /></span>
      {typing.length > 1 && <span>{typing.map((t) => t.name).join(", ")}</span>}
    </div>
  );
}

function Jump({ chat, onClick }: { chat: Chat; onClick(): void }) {
  const count = chat.conversation.unreadCount;
  return (
    <button type="button" class="pl-jump" onClick={onClick}>
      <Icon name="latest" />
      {count > 0 ? <span><b>{count} new</b> {count === 1 ? "message" : "messages"}</span> : <span>Latest</span>}
    </button>
  );
}
