import type { Chat } from "../chat";
import type { Unsent } from "../outbox";
import type { Item } from "../rows";
import type { Message } from "../wire";
import { sentence, wait } from "../words";
import { Door } from "./door";
import { Icon } from "./icon";
import { isBig, Text } from "./text";

/** The bubble of one message: its text, or the sentence that stands for it when it was deleted or hidden. */
export function Bubble({ chat, item, mine }: { chat: Chat; item: Item; mine: boolean }) {
  const { message, unsent } = item;
  if (message?.deleted_at) return <Gone icon="trash" text={mine ? "You deleted this message" : "This message was deleted"} />;
  if (message?.hidden && !message.body) return <Gone icon="eyeoff" text="Hidden by a moderator" />;
  const body = message?.body ?? unsent?.body ?? "";
  const answers = message ? message.reply_to : unsent?.reply_to;
  const kind = message?.hidden ? "is-hidden" : !answers && isBig(body) ? "is-big" : "";
  return (
    <>
      <div class={`pl-bubble ${kind}`}>
        {answers && <Door chat={chat} draw={({ Quote }) => <Quote chat={chat} id={answers} />} />}
        <p dir="auto">
          <Text body={body} />
          {message?.edited_at && <span class="pl-edited"> edited</span>}
        </p>
      </div>
      {message?.hidden && <p class="pl-note"><Icon name="eyeoff" small />Hidden. Only moderators see it.</p>}
    </>
  );
}

function Gone({ icon, text }: { icon: "trash" | "eyeoff"; text: string }) {
  return (
    <div class="pl-bubble is-gone">
      <Icon name={icon} small />
      <span>{text}</span>
    </div>
  );
}

/** Whether an unsent message has waited so long that the visitor must be told. */
export function isOverdue(unsent: Unsent, chat: Chat, now: number): boolean {
  const failed = unsent.state === "waiting" && unsent.tries > 0 && unsent.refusal !== undefined;
  const cutOff = chat.link.phase !== "open" && now - Math.max(unsent.at, chat.link.since) > 1_500;
  return unsent.state === "refused" || failed || cutOff;
}

/** Below a message that did not go out: why, and what the visitor can do. */
export function UnsentNote({ unsent, chat, now, onEdit }: { unsent: Unsent; chat: Chat; now: number; onEdit(body: string): void }) {
  const { outbox } = chat.conversation;
  if (unsent.state !== "refused") {
    const waits = unsent.retryAt && unsent.retryAt > now ? `. Trying again in ${wait(unsent.retryAt - now)}` : "";
    return (
      <p class="pl-unsent">
        <span>Not sent yet{waits}</span>
        <button type="button" onClick={() => chat.retry()}>{waits ? "Now" : "Try again"}</button>
      </p>
    );
  }
  const discard = () => outbox.discard(unsent.client_id);
  return (
    <p class="pl-unsent is-bad">
      <span dir="auto">Not sent: {sentence(unsent.refusal)}</span>
      <button type="button" onClick={() => onEdit(discard() ?? "")}>Edit</button>
      <button type="button" onClick={discard}>Discard</button>
    </p>
  );
}

/** Time and ticks below the last message of a group. */
export function Meta({ chat, item, mine, now }: { chat: Chat; item: Item; mine: boolean; now: number }) {
  const { message, unsent } = item;
  const sending = unsent !== null && now - unsent.at > 500;
  return (
    <li class="pl-meta">
      {unsent ? sending && <span>Sending</span> : <time dir="auto" dateTime={message?.sent_at}>{chat.words.time(item.at)}</time>}
      {unsent && sending && <Icon name="clock" small />}
      {mine && message && <Ticks chat={chat} message={message} />}
    </li>
  );
}

function Ticks({ chat, message }: { chat: Chat; message: Message }) {
  const { people } = chat.conversation;
  const readers = people.readers(message.seq);
  if (message.deleted_at) return null;
  if (readers === 0) return <><Icon name="check" small /><span class="pl-sr">Sent</span></>;
  return <><span>{people.others.length > 1 ? `Read by ${readers}` : "Read"}</span><Icon name="checks" small also="is-read" /></>;
}
