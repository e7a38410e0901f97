import type { Chat } from "../chat";
import { sentence, wait } from "../words";
import { Icon, type IconName } from "./icon";

interface Notice {
  tone: "" | "is-warn" | "is-bad" | "is-good";
  icon: IconName | "spin";
  text: string;
  act?: string;
}

const patience = 1_500;
const gladFor = 3_000;

/** Says below the header what happens to the visitor's words, when there is something to say. */
export function Banner({ chat, now }: { chat: Chat; now: number }) {
  const notice = noticeOf(chat, now) ?? troubleOf(chat);
  return (
    <div role="status">
      {notice && (
        <div class={`pl-banner ${notice.tone}`}>
          {notice.icon === "spin" ? <i class="pl-spin" aria-hidden="true" /> : <Icon name={notice.icon} small />}
          <span>{notice.text}</span>
          {notice.act && <button type="button" onClick={() => chat.retry()}>{notice.act}</button>}
        </div>
      )}
    </div>
  );
}

function noticeOf(chat: Chat, now: number): Notice | null {
  const { phase, since, after, refusal } = chat.link;
  const { opened, outbox } = chat.conversation;
  if (!opened && outbox.list.length === 0) return null;
  if (phase === "expired") return { tone: "is-bad", icon: "lock", text: "Your sign-in has run out.", act: chat.canRenew ? "Sign in again" : undefined };
  if (phase === "refused") return { tone: "is-bad", icon: "lock", text: sentence(refusal), act: "Try again" };
  const lost = phase === "lost" || phase === "connecting";
  if (!navigator.onLine) return { tone: "is-warn", icon: "offline", text: "You are offline. Your messages go out as soon as you are back." };
  if (lost && now - since > patience) return { tone: "", icon: "spin", text: "Reconnecting. You can go on writing." };
  return unsaved(chat, now) ?? (after > patience && now - since < gladFor ? backOnline : null);
}

const backOnline: Notice = { tone: "is-good", icon: "check", text: "Back online. Nothing was missed." };

function troubleOf({ trouble }: Chat): Notice | null {
  return trouble ? { tone: "is-warn", icon: "alert", text: trouble } : null;
}

function unsaved(chat: Chat, now: number): Notice | null {
  const stuck = chat.conversation.outbox.list.find((u) => u.refusal?.reason === "storage_unavailable" && u.retryAt);
  if (!stuck?.retryAt) return null;
  const text = `Messages cannot be saved right now. Yours are kept here and tried again in ${wait(stuck.retryAt - now)}.`;
  return { tone: "is-warn", icon: "alert", text, act: "Now" };
}
