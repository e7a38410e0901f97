import { useEffect, useRef, useState } from "preact/hooks";
import type { Chat } from "../chat";
import type { Message } from "../wire";
import { newMessages } from "../words";
import { Avatar } from "./avatar";
import type { Composer } from "./composer";
import { Icon, Mark } from "./icon";
import { Panel } from "./panel";

/** A launcher in the corner of the page, and the panel that grows out of it. */
export function Popup({ chat }: { chat: Chat }) {
  const [open, setOpen] = useState(false);
  const [teaser, setTeaser] = useState<Message | null>(null);
  const composer = useRef<Composer | null>(null);
  const launcher = useRef<HTMLButtonElement>(null);
  useEffect(() => chat.conversation.onNews(setTeaser), [chat]);
  useEffect(() => {
    if (open) composer.current?.focus();
  }, [open]);
  const show = () => {
    setTeaser(null);
    setOpen(true);
  };
  const close = () => {
    setTeaser(null);
    setOpen(false);
    launcher.current?.focus({ preventScroll: true });
  };
  return (
    <div class={`pl-popup${open ? " is-open" : ""}`} onKeyDown={(e) => e.key === "Escape" && open && close()}>
      <div class="pl-panel" role="dialog" aria-label="Chat" hidden={!open}>
        <Panel chat={chat} shown={open} composer={composer}>
          <button type="button" class="pl-ib" aria-label="Close chat" onClick={close}><Icon name="close" /></button>
        </Panel>
      </div>
      {!open && teaser && <Teaser message={teaser} onOpen={show} onDismiss={() => setTeaser(null)} />}
      <Launcher count={chat.conversation.unreadCount} open={open} onClick={open ? close : show} element={launcher} />
    </div>
  );
}

interface LauncherProps {
  count: number;
  open: boolean;
  onClick(): void;
  element: { current: HTMLButtonElement | null };
}

function Launcher({ count, open, onClick, element }: LauncherProps) {
  const label = open ? "Close chat" : count > 0 ? `Open chat, ${newMessages(count)}` : "Open chat";
  return (
    <button ref={element} type="button" class="pl-launcher" aria-expanded={open} aria-label={label} onClick={onClick}>
      {open ? <Icon name="down" /> : <Mark size={30} />}
      {!open && count > 0 && <span class="pl-badge">{count > 99 ? "99+" : count}</span>}
    </button>
  );
}

function Teaser({ message, onOpen, onDismiss }: { message: Message; onOpen(): void; onDismiss(): void }) {
  return (
    <div class="pl-teaser">
      <button type="button" class="pl-teaser-text" onClick={onOpen}>
        <Avatar user={message.author} />
        <span><b dir="auto">{message.author.name}</b><span dir="auto">{message.body}</span></span>
      </button>
      <button type="button" class="pl-ib" aria-label="Dismiss" onClick={onDismiss}><Icon name="close" small /></button>
    </div>
  );
}
