import type { Chat } from "../chat";
import type { Message } from "../wire";
import { asRefusal } from "../wire";
import { firstName, sentence } from "../words";

/** The emojis that are offered without looking for one. */
export const common = ["👍", "❤️", "😂", "🎉", "😮", "😢"];

/** Whether the server would take a reaction to it from this visitor. */
export function isReactable(chat: Chat, message: Message): boolean {
  const { readOnly, isModerator, people } = chat.conversation;
  return !message.hidden && !message.deleted_at && people.me?.role !== "reader" && (!readOnly || isModerator);
}

/** Adds one's own reaction, or takes it back. Rejects with a Refusal. */
export function toggle(chat: Chat, { id, reactions }: Message, emoji: string): Promise<unknown> {
  const mine = reactions?.[emoji]?.includes(chat.conversation.myId);
  return chat.conversation.ask(mine ? "unreact" : "react", { id, emoji });
}

/** The reactions to a message, below its bubble: each with its count, one's own tinted. */
export function Reactions({ chat, message }: { chat: Chat; message: Message }) {
  const { myId } = chat.conversation;
  return (
    <div class="pl-reacts">
      {Object.entries(message.reactions ?? {}).map(([emoji, users]) => (
        <button
          type="button"
          key={emoji}
          class="pl-react"
          aria-pressed={users.includes(myId)}
          aria-label={`${emoji} ${users.length}, ${who(chat, users)}`}
          disabled={!isReactable(chat, message)}
          onClick={() => void toggle(chat, message, emoji).catch((answer) => chat.complain(sentence(asRefusal(answer))))}
        >
          <span aria-hidden="true">{emoji}</span>
          {users.length}
        </button>
      ))}
    </div>
  );
}

const named = 5;

/** Who reacted, oneself first, the first few by name. */
function who(chat: Chat, users: string[]): string {
  const { people, myId } = chat.conversation;
  const others = users.filter((id) => id !== myId).map((id) => firstName(people.find(id)?.user.name ?? "somebody"));
  const all = users.length > others.length ? ["you", ...others] : others;
  const told = all.slice(0, named).join(", ");
  return all.length > named ? `${told} and ${all.length - named} more` : told;
}
