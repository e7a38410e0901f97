import { Component, type ComponentChildren } from "preact";
import type { Chat } from "../chat";
import type { Item } from "../rows";
import type { Message } from "../wire";
import { Banner } from "./banner";
import { Composer, type About } from "./composer";
import { Door } from "./door";
import { DidNotOpen, Empty, Skeleton } from "./empty";
import { Header, titleOf } from "./header";
import { Mark } from "./icon";
import { Log, type LogProps } from "./log";

export interface PanelProps {
  chat: Chat;
  now: number;
  /** Whether the panel is open; a closed one keeps its draft and its place. */
  shown: boolean;
  /** Buttons at the end of the header. */
  children?: ComponentChildren;
}

/** The message whose menu is open, and the element from which it was opened. */
interface Opened {
  item: Item;
  from: HTMLElement;
}

interface PanelState {
  menu: Opened | null;
}

const patience = 8_000;

/** The whole conversation: header, banner, log and composer, with at most one menu above them. */
export class Panel extends Component<PanelProps, PanelState> {
  override state: PanelState = { menu: null };
  private composer: { current: Composer | null } = { current: null };

  override componentDidUpdate(before: PanelProps): void {
    if (this.props.shown && !before.shown) this.composer.current?.focus();
  }

  override render() {
    const { chat, now, shown, children } = this.props;
    const { menu } = this.state;
    return (
      <section class="pl" aria-label={`Chat: ${titleOf(chat)}`} hidden={!shown}>
        <Header chat={chat}>{children}</Header>
        <Banner chat={chat} now={now} />
        <Main
          {...{ chat, now, shown }}
          menuFor={menu?.item.key ?? ""}
          onMenu={(item, from) => this.setState({ menu: { item, from } })}
          onEdit={(body) => this.composer.current?.take(body)}
        />
        {opens(chat, now) && <Composer handle={this.composer} chat={chat} now={now} />}
        <p class="pl-by"><Mark size={12} /><span>Chat by planga</span></p>
        {menu && this.menu(menu)}
      </section>
    );
  }

  private menu({ item, from }: Opened) {
    const { chat } = this.props;
    const { message, key } = item;
    if (!message) return null;
    return <Door key={key} chat={chat} draw={({ Menu }) => <Menu {...{ chat, message, from }} onClose={() => this.closeMenu()} onAbout={(kind) => this.turnTo(kind, message)} />} onMissing={() => this.missed()} />;
  }

  /** Gives the focus back to the message, unless the visitor has put it somewhere else. */
  private closeMenu(): void {
    this.state.menu?.from.closest<HTMLElement>(".pl-msg")?.focus({ preventScroll: true });
    this.setState({ menu: null });
  }

  private turnTo(kind: About["kind"], message: Message): void {
    this.setState({ menu: null });
    this.composer.current?.turnTo({ kind, message });
  }

  private missed(): void {
    this.setState({ menu: null });
    this.props.chat.complain("The menu could not be opened. Load the page again to get it.");
  }
}

function Main(props: LogProps) {
  const { chat, now } = props;
  const { opened, messages, outbox, ledger } = chat.conversation;
  if (!opens(chat, now)) return <div class="pl-main"><DidNotOpen chat={chat} /></div>;
  if (messages.length + outbox.list.length > 0) return <Log {...props} />;
  return <div class="pl-main">{opened && !ledger.loadingOlder ? <Empty chat={chat} /> : <Skeleton />}</div>;
}

/** False once it is clear that the chat did not open: refused, or not reached for eight seconds. */
function opens(chat: Chat, now: number): boolean {
  const { phase, since } = chat.link;
  const { opened, outbox } = chat.conversation;
  if (opened || phase === "open" || outbox.list.length > 0) return true;
  return phase === "connecting" && now - since < patience;
}
