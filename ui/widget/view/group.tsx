import { Component } from "preact";
import type { Chat } from "../chat";
import type { Group as GroupRow, Item } from "../rows";
import type { Message } from "../wire";
import { Avatar } from "./avatar";
import { Bubble, isOverdue, Meta, UnsentNote } from "./bubble";
import { Door } from "./door";
import { Icon } from "./icon";

/** What a group of messages needs to be drawn. */
export interface GroupProps {
  chat: Chat;
  row: GroupRow;
  now: number;
  /** The key of the message that shows its actions, and the one that Tab leads to. */
  active: string;
  reachable: string;
  /** Keys of messages that just arrived and may rise into place. */
  fresh: Set<string>;
  onMore(item: Item, button: HTMLElement): void;
  onEdit(body: string): void;
}

/** Messages that one person wrote in one go. */
export class Group extends Component<GroupProps> {
  override shouldComponentUpdate(next: GroupProps): boolean {
    return isAlive(this.props.row) || isAlive(next.row) || !sameItems(this.props.row, next.row) || touches(this.props, next);
  }

  override render() {
    const { chat, row, now } = this.props;
    const { author, mine, items } = row;
    const last = items[items.length - 1];
    const overdue = last.unsent !== null && isOverdue(last.unsent, chat, now);
    return (
      <div class={`pl-group${mine ? " is-self" : ""}`}>
        {!mine && <Avatar user={author} size={28} />}
        <ol class="pl-stack">
          {!mine && (
            <li class="pl-who">
              <bdi>{author.name}</bdi>
              {author.role === "moderator" && <span class="pl-role">Moderator</span>}
            </li>
          )}
          {items.map((item) => this.message(item))}
          {!overdue && <Meta chat={chat} item={last} mine={mine} now={now} />}
        </ol>
      </div>
    );
  }

  private message(item: Item) {
    const { chat, row, now, active, reachable, fresh, onMore, onEdit } = this.props;
    const { message, unsent, key } = item;
    const overdue = unsent !== null && isOverdue(unsent, chat, now);
    const state = overdue ? " is-unsent" : unsent && now - unsent.at > 500 ? " is-waiting" : "";
    return (
      <li key={key} class={`pl-msg${state}${fresh.has(key) ? " is-fresh" : ""}${active === key ? " is-open" : ""}`} data-key={key} tabIndex={reachable === key ? 0 : -1}>
        <span class="pl-sr">{row.mine ? "You" : row.author.name}, {chat.words.time(item.at)}: </span>
        <Bubble chat={chat} item={item} mine={row.mine} />
        {message && hasReactions(message) && <Door chat={chat} draw={({ Reactions }) => <Reactions chat={chat} message={message} />} />}
        {unsent && overdue && <UnsentNote unsent={unsent} chat={chat} now={now} onEdit={onEdit} />}
        {active === key && message && !message.deleted_at && (
          <div class="pl-acts">
            <button type="button" class="pl-ib" aria-label="More" aria-haspopup="menu" tabIndex={reachable === key ? 0 : -1} onClick={(e) => onMore(item, e.currentTarget)}>
              <Icon name="more" />
            </button>
          </div>
        )}
      </li>
    );
  }
}

function hasReactions({ reactions, deleted_at }: Message): boolean {
  return !deleted_at && Object.keys(reactions ?? {}).length > 0;
}

/** One's own last groups change with ticks and time; the rest stay as they are. */
function isAlive(row: GroupRow): boolean {
  return row.mine;
}

function sameItems(a: GroupRow, b: GroupRow): boolean {
  return a.items.length === b.items.length && a.items.every((item, i) => item.message === b.items[i].message && item.unsent === b.items[i].unsent);
}

function touches(before: GroupProps, next: GroupProps): boolean {
  const keys = new Set(next.row.items.map((item) => item.key));
  const changed = (was: string, is: string) => was !== is && (keys.has(was) || keys.has(is));
  return changed(before.active, next.active) || changed(before.reachable, next.reachable);
}
