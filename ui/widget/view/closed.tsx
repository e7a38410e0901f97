import type { Chat } from "../chat";
import { Icon } from "./icon";

/** Why nothing can be written. */
export interface Reason {
  icon: "ban" | "lock";
  title: string;
  text: string;
}

/** Stands where the composer would. */
export function Closed({ icon, title, text }: Reason) {
  return (
    <div class="pl-compose">
      <div class="pl-closed" role="status">
        <Icon name={icon} />
        <div><b>{title}</b>{text}</div>
      </div>
    </div>
  );
}

/** Why this visitor cannot write now, or null. */
export function closedBecause(chat: Chat, now: number): Reason | null {
  const { people, readOnly, isModerator } = chat.conversation;
  const until = Date.parse(people.me?.banned_until ?? "");
  if (until > now) return { icon: "ban", title: pausedTitle(chat, until, now), text: "A moderator paused your messages. You can still read." };
  if (people.me?.role === "reader") return { icon: "lock", title: "You can read here", text: "Only others can write in this conversation." };
  if (readOnly && !isModerator) return { icon: "lock", title: "This conversation is closed", text: "You can still read everything." };
  return null;
}

function pausedTitle(chat: Chat, until: number, now: number): string {
  const aYear = 366 * 86_400_000;
  return until - now > aYear ? "You cannot write here" : `You can write again at ${chat.words.moment(until, now)}`;
}
