import { Component } from "preact";
import type { Chat } from "../chat";
import { newMessages } from "../words";

const settled = 700;

/** Tells a screen reader, politely, what arrives and who is typing; never what was there before. */
export class Announcer extends Component<{ chat: Chat; shown: boolean }, { said: string }> {
  override state = { said: "" };
  private waiting: string[] = [];
  private stopNews = () => {};
  private stopTimer = () => {};

  override componentDidMount(): void {
    const { conversation, clock } = this.props.chat;
    this.stopNews = conversation.news.on(({ author, body }) => {
      this.waiting.push(`${author.name}: ${body}`);
      this.stopTimer();
      this.stopTimer = clock.after(settled, () => this.say());
    });
  }

  override componentWillUnmount(): void {
    this.stopNews();
    this.stopTimer();
  }

  override render() {
    const names = this.props.chat.conversation.people.typing.map((t) => t.name);
    const typing = names.length > 1 ? "Several people are typing" : names.length === 1 ? `${names[0]} is typing` : "";
    return (
      <>
        <div class="pl-sr" role="status">{this.state.said}</div>
        <div class="pl-sr" role="status">{this.props.shown ? typing : ""}</div>
      </>
    );
  }

  private say(): void {
    const said = this.waiting.length === 1 ? this.waiting[0] : newMessages(this.waiting.length);
    this.waiting = [];
    this.setState({ said });
  }
}
