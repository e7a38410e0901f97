import type { ComponentChildren } from "preact";
import { useCallback, useRef, useState } from "preact/hooks";
import type { Chat } from "../chat";
import { Banner } from "./banner";
import { Composer } from "./composer";
import { DidNotOpen, Empty, Skeleton } from "./empty";
import { Header, titleOf } from "./header";
import { useMedia, useNow } from "./hooks";
import { Mark } from "./icon";
import { Log, type LogProps } from "./log";
import { Menu, type Opened } from "./menu";

const patience = 8_000;

export interface PanelProps {
  chat: Chat;
  /** Whether the panel is open; a closed one keeps its draft and its place. */
  shown: boolean;
  composer: { current: Composer | null };
  /** Buttons at the end of the header. */
  children?: ComponentChildren;
}

/** The whole conversation: header, banner, log and composer, with at most one menu above them. */
export function Panel({ chat, shown, composer, children }: PanelProps) {
  const [menu, setMenu] = useState<Opened | null>(null);
  const phone = useMedia("(max-width: 480px)");
  const root = useRef<HTMLElement>(null);
  const restless = chat.link.phase !== "open" || chat.conversation.outbox.list.length > 0 || chat.clock.now() - chat.link.since < 5_000;
  const now = useNow(chat, restless ? 500 : 20_000);
  const close = useCallback(() => {
    setMenu((was) => {
      was?.from.closest<HTMLElement>(".pl-msg")?.focus({ preventScroll: true });
      return null;
    });
  }, []);
  return (
    <section ref={root} class={`pl${phone ? " is-phone" : ""}`} aria-label={`Chat: ${titleOf(chat)}`} hidden={!shown}>
      <Header chat={chat}>{children}</Header>
      <Banner chat={chat} now={now} />
      <Main chat={chat} now={now} shown={shown} menuFor={menu?.item.key ?? ""} onMenu={(item, from) => setMenu({ item, from })} onEdit={(body) => composer.current?.take(body)} />
      {opens(chat, now) && <Composer handle={composer} chat={chat} now={now} />}
      <p class="pl-by"><Mark size={12} /><span>Chat by planga</span></p>
      {menu && <Menu chat={chat} opened={menu} onClose={close} />}
    </section>
  );
}

function Main(props: LogProps) {
  const { chat, now } = props;
  const { conversation } = chat;
  if (!opens(chat, now)) return <div class="pl-main"><DidNotOpen chat={chat} /></div>;
  if (!conversation.opened && conversation.outbox.list.length === 0) return <div class="pl-main"><Skeleton /></div>;
  if (conversation.messages.length === 0 && conversation.outbox.list.length === 0) return <div class="pl-main"><Empty chat={chat} /></div>;
  return <Log {...props} />;
}

/** False once it is clear that the chat did not open: refused, or not reached for eight seconds. */
function opens(chat: Chat, now: number): boolean {
  const { phase, since } = chat.link;
  if (chat.conversation.opened || phase === "open") return true;
  return phase === "connecting" && now - since < patience;
}
