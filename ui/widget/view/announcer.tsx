import { useEffect, useState } from "preact/hooks";
import type { Chat } from "../chat";
import { newMessages } from "../words";

const settled = 700;

/** Tells a screen reader, politely, what arrives and who is typing; never what was there before. */
export function Announcer({ chat, shown }: { chat: Chat; shown: boolean }) {
  const [said, setSaid] = useState("");
  useEffect(() => {
    let waiting: string[] = [];
    let timer: ReturnType<typeof setTimeout>;
    const stop = chat.conversation.onNews((message) => {
      waiting.push(`${message.author.name}: ${message.body}`);
      clearTimeout(timer);
      timer = setTimeout(() => {
        setSaid(waiting.length === 1 ? waiting[0] : newMessages(waiting.length));
        waiting = [];
      }, settled);
    });
    return () => {
      clearTimeout(timer);
      stop();
    };
  }, [chat]);
  const names = chat.conversation.people.typing.map((t) => t.name);
  const typing = names.length === 0 || !shown ? "" : names.length === 1 ? `${names[0]} is typing` : "Several people are typing";
  return (
    <>
      <div class="pl-sr" role="status">{said}</div>
      <div class="pl-sr" role="status">{typing}</div>
    </>
  );
}
