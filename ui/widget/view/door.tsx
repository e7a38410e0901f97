import { Component, createRef, type ComponentChildren } from "preact";
import type { Chat } from "../chat";
import { dress } from "../dress";
import { more, moreIfHere, type More } from "../more";

export interface DoorProps {
  chat: Chat;
  /** Draws with what was fetched. */
  draw(part: More): ComponentChildren;
  /** Called when it is not to be had. */
  onMissing?(): void;
}

/** Stands for something that is fetched when it is first wanted. Where it is not to be had, nothing is shown. */
export class Door extends Component<DoorProps, { part: More | null }> {
  override state = { part: null as More | null };
  private place = createRef<HTMLElement>();
  private gone = false;

  override componentDidMount(): void {
    const here = moreIfHere();
    if (here) this.enter(here);
    else this.fetch();
  }

  override componentWillUnmount(): void {
    this.gone = true;
  }

  override render() {
    const { part } = this.state;
    return part ? <>{this.props.draw(part)}</> : <i ref={this.place} hidden />;
  }

  private fetch(): void {
    const { chat, onMissing } = this.props;
    more(chat.settings.socket.replace(/^ws(.*)\/socket$/, "http$1")).then(
      (part) => this.gone || this.enter(part),
      () => this.gone || onMissing?.(),
    );
  }

  private enter(part: More): void {
    dress(this.place.current!.getRootNode() as ShadowRoot, part.style);
    this.setState({ part });
  }
}
