import { Component } from "preact";
import type { Chat } from "../chat";
import { quotesOf, type Quoted } from "./quotes";

/** The message that another answers, above it; pressed, it leads there if that is loaded. */
export class Quote extends Component<{ chat: Chat; id: string }> {
  private stop = () => {};

  override componentDidMount(): void {
    this.stop = this.props.chat.changes.on(() => this.setState({}));
  }

  override componentWillUnmount(): void {
    this.stop();
  }

  override render() {
    const { chat, id } = this.props;
    const quoted = quotesOf(chat).find(id);
    const name = quoted && (quoted.author.id === chat.conversation.myId ? "You" : quoted.author.name);
    return (
      <button type="button" class="pl-quote" tabIndex={-1} onClick={(e) => this.jump(e.currentTarget)}>
        {name && <b dir="auto">{name}</b>}
        <span dir="auto">{quoted === undefined ? "…" : textOf(quoted)}</span>
      </button>
    );
  }

  private jump(from: HTMLElement): void {
    const message = this.props.chat.conversation.messages.find((m) => m.id === this.props.id);
    if (!message) return;
    const element = from.closest(".pl-log")?.querySelector<HTMLElement>(`[data-key="${CSS.escape(message.client_id || message.id)}"]`);
    element?.scrollIntoView({ block: "center" });
    element?.focus({ preventScroll: true });
  }
}

function textOf(quoted: Quoted | null): string {
  if (!quoted || quoted.deleted) return "This message was deleted";
  if (quoted.body) return quoted.body;
  return quoted.hidden ? "Hidden by a moderator" : "A file";
}
