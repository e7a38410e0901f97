import type { Chat } from "../chat";
import { firstName, sentence } from "../words";
import { Avatar } from "./avatar";
import { Icon } from "./icon";

/** Nothing was said yet. */
export function Empty({ chat }: { chat: Chat }) {
  const { people } = chat.conversation;
  const other = people.others.length === 1 ? people.others[0] : null;
  return (
    <div class="pl-empty">
      {other ? <Avatar user={other.user} size={56} here={people.isHere(other.user.id)} /> : <Icon name="chat" also="is-28" />}
      <h2 dir="auto">{other ? `Write to ${firstName(other.user.name)}` : "Write the first message"}</h2>
      <p>Your messages are kept. You can close this page and come back for the answer.</p>
    </div>
  );
}

/** The chat could not be opened: why, and the way out. */
export function DidNotOpen({ chat }: { chat: Chat }) {
  const { phase, refusal } = chat.link;
  const unreachable = phase === "connecting" || phase === "lost";
  const expired = phase === "expired";
  const why = unreachable ? "The server could not be reached. Your earlier messages are safe there." : expired ? "Your sign-in has run out." : sentence(refusal);
  return (
    <div class="pl-empty" role="alert">
      <Icon name={unreachable ? "alert" : "lock"} also="is-28" />
      <h2>The chat did not open</h2>
      <p>{why}</p>
      <button type="button" class="pl-btn" onClick={() => chat.retry()}>{expired && chat.canRenew ? "Sign in again" : "Try again"}</button>
    </div>
  );
}

const bones = [["", "t1 w2", "t2 w3"], ["is-self", "t1 w2"], ["", "t2 w3"], ["is-self", "t2 w3", "t1 w1"]];

/** The shape of messages; the style sheet lets it appear after 200 ms and not before. */
export function Skeleton() {
  return (
    <div class="pl-log" role="status" aria-label="Loading messages">
      <div class="pl-lines">
        {bones.map(([side, ...sizes]) => (
          <div class={`pl-group ${side}`}>
            {!side && <span class="pl-bone is-round" />}
            <div class="pl-stack">{sizes.map((size) => <div class={`pl-bone ${size}`} />)}</div>
          </div>
        ))}
      </div>
    </div>
  );
}
