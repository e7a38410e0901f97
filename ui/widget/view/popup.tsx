import { Component, createRef } from "preact";
import type { Chat } from "../chat";
import type { Message } from "../wire";
import { newMessages } from "../words";
import { Avatar } from "./avatar";
import { Icon, Mark } from "./icon";
import { Panel } from "./panel";

interface PopupState {
  open: boolean;
  /** The newest message that came while the panel was closed. */
  teaser: Message | null;
}

/** A launcher in the corner of the page, and the panel that grows out of it. */
export class Popup extends Component<{ chat: Chat; now: number }, PopupState> {
  override state: PopupState = { open: false, teaser: null };
  private launcher = createRef<HTMLButtonElement>();
  private stop = () => {};

  override componentDidMount(): void {
    this.stop = this.props.chat.conversation.news.on((teaser) => this.setState({ teaser }));
  }

  override componentWillUnmount(): void {
    this.stop();
  }

  override render() {
    const { chat, now } = this.props;
    const { open, teaser } = this.state;
    return (
      <div class={`pl-popup${open ? " is-open" : ""}`} onKeyDown={(e) => e.key === "Escape" && open && this.turn(false)}>
        <div class="pl-panel" role="dialog" aria-label="Chat" hidden={!open}>
          <Panel chat={chat} now={now} shown={open}>
            <button type="button" class="pl-ib" aria-label="Close chat" onClick={() => this.turn(false)}><Icon name="close" /></button>
          </Panel>
        </div>
        {!open && teaser && this.teaser(teaser)}
        {this.button(chat.conversation.unreadCount)}
      </div>
    );
  }

  private turn(open: boolean): void {
    this.setState({ open, teaser: null });
    if (!open) this.launcher.current?.focus({ preventScroll: true });
  }

  private button(count: number) {
    const { open } = this.state;
    const label = open ? "Close chat" : count > 0 ? `Open chat, ${newMessages(count)}` : "Open chat";
    return (
      <button ref={this.launcher} type="button" class="pl-launcher" aria-expanded={open} aria-label={label} onClick={() => this.turn(!open)}>
        {open ? <Icon name="down" /> : <Mark size={30} />}
        {!open && count > 0 && <span class="pl-badge">{count > 99 ? "99+" : count}</span>}
      </button>
    );
  }

  private teaser({ author, body }: Message) {
    return (
      <div class="pl-teaser">
        <button type="button" class="pl-teaser-text" onClick={() => this.turn(true)}>
          <Avatar user={author} />
          <span><b dir="auto">{author.name}</b><span dir="auto">{body}</span></span>
        </button>
        <button type="button" class="pl-ib" aria-label="Dismiss" onClick={() => this.setState({ teaser: null })}><Icon name="close" small /></button>
      </div>
    );
  }
}
