import { Component, createRef } from "preact";
import type { Chat } from "../chat";
import { dress } from "../dress";
import { more, type More } from "../more";
import type { Item } from "../rows";

/** The message whose menu is open, and the element from which it was opened. */
export interface Opened {
  item: Item;
  from: HTMLElement;
}

export interface MenuProps {
  chat: Chat;
  opened: Opened;
  onClose(): void;
}

/** Stands for the menu until it is fetched. Without it the chat goes on, and says so. */
export class MenuDoor extends Component<MenuProps & { onMissing(): void }, { part: More | null }> {
  override state = { part: null as More | null };
  private place = createRef<HTMLElement>();
  private gone = false;

  override componentDidMount(): void {
    this.fetch().catch(() => this.gone || this.props.onMissing());
  }

  override componentWillUnmount(): void {
    this.gone = true;
  }

  override render() {
    const { part } = this.state;
    return part ? <part.Menu {...this.props} /> : <i ref={this.place} hidden />;
  }

  private async fetch(): Promise<void> {
    const part = await more(this.props.chat.settings.socket.replace(/^ws(.*)\/socket$/, "http$1"));
    if (this.gone) return;
    dress(this.place.current!.getRootNode() as ShadowRoot, part.style);
    this.setState({ part });
  }
}
