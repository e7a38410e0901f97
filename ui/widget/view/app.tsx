import { useRef } from "preact/hooks";
import type { Chat } from "../chat";
import { Announcer } from "./announcer";
import type { Composer } from "./composer";
import { useChat } from "./hooks";
import { Panel } from "./panel";
import { Popup } from "./popup";

/** The widget inside its shadow root. */
export function App({ chat, rightToLeft }: { chat: Chat; rightToLeft: boolean }) {
  useChat(chat);
  const { theme, mode } = chat.settings;
  const composer = useRef<Composer | null>(null);
  return (
    <div class="pl-root" data-theme={theme === "auto" ? undefined : theme} dir={rightToLeft ? "rtl" : "ltr"} lang="en">
      {mode === "popup" ? <Popup chat={chat} /> : <Panel chat={chat} shown composer={composer} />}
      <Announcer chat={chat} shown={mode === "inline"} />
    </div>
  );
}
