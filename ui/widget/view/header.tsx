import type { ComponentChildren } from "preact";
import type { Chat } from "../chat";
import type { Participant } from "../wire";
import { names } from "../words";
import { Avatar } from "./avatar";
import { Mark } from "./icon";

/** What the conversation is called: by the page, by the server, or by who is in it. */
export function titleOf(chat: Chat): string {
  return chat.settings.title || chat.conversation.topic || names(chat.conversation.people.others) || "Chat";
}

/** With whom one speaks, and whether they are here. */
export function Header({ chat, children }: { chat: Chat; children?: ComponentChildren }) {
  const { others } = chat.conversation.people;
  const other = others.length === 1 ? others[0] : null;
  return (
    <header class="pl-head">
      {other ? <Avatar user={other.user} here={chat.conversation.people.isHere(other.user.id)} /> : <span class="pl-av is-mark"><Mark size={18} /></span>}
      <div class="pl-head-text">
        <h2 class="pl-title"><bdi>{titleOf(chat)}</bdi></h2>
        <p class="pl-sub"><bdi>{presence(chat, others)}</bdi></p>
      </div>
      {children && <div class="pl-head-acts">{children}</div>}
    </header>
  );
}

function presence(chat: Chat, others: Participant[]): string {
  const { people } = chat.conversation;
  const { phase } = chat.link;
  if (phase === "connecting" || phase === "lost") return "Connecting";
  if (phase !== "open") return "Not connected";
  if (others.length === 0) return "Nobody else has been here yet";
  if (others.length === 1) return people.isHere(others[0].user.id) ? "Online" : lastSeen(chat, others[0]);
  const here = others.filter((p) => people.isHere(p.user.id)).length;
  return `${others.length + 1} people${here > 0 ? `, ${here + 1} online` : ""}`;
}

function lastSeen(chat: Chat, other: Participant): string {
  const at = Date.parse(other.last_seen ?? "");
  return at > 0 ? `Last seen ${chat.words.moment(at, chat.clock.now())}` : "Offline";
}
