import type { Chat } from "../chat";
import type { Message } from "../wire";
import { firstName } from "../words";
import { Icon } from "../view/icon";

interface StripProps {
  chat: Chat;
  about: { kind: "reply" | "edit"; message: Message };
  onLeave(): void;
}

/** Above the field: which message is answered or edited, and the way out of it. */
export function Strip({ chat, about: { kind, message }, onLeave }: StripProps) {
  const mine = message.author.id === chat.conversation.myId;
  const title = kind === "edit" ? "Edit your message" : `Reply to ${mine ? "yourself" : firstName(message.author.name)}`;
  return (
    <div class="pl-context">
      <div>
        <b dir="auto">{title}</b>
        <span dir="auto">{message.body}</span>
      </div>
      <button type="button" class="pl-ib" aria-label={kind === "edit" ? "Stop editing" : "Do not reply"} onClick={onLeave}>
        <Icon name="close" small />
      </button>
    </div>
  );
}
