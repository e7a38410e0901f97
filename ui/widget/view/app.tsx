import { Component } from "preact";
import type { Chat } from "../chat";
import { Announcer } from "./announcer";
import { Panel } from "./panel";
import { Popup } from "./popup";

export interface AppProps {
  chat: Chat;
  rightToLeft: boolean;
}

const quick = 500;
const calm = 20_000;

/** The widget inside its shadow root; draws itself after each change, and from time to time for what depends on the clock. */
export class App extends Component<AppProps> {
  private stopWatching = () => {};
  private stopClock = () => {};

  override componentDidMount(): void {
    this.stopWatching = this.props.chat.changes.on(() => this.setState({}));
    this.tick();
  }

  override componentWillUnmount(): void {
    this.stopWatching();
    this.stopClock();
  }

  override render() {
    const { chat, rightToLeft } = this.props;
    const { theme, mode } = chat.settings;
    const now = chat.clock.now();
    return (
      <div class="pl-root" data-theme={theme === "auto" ? undefined : theme} dir={rightToLeft ? "rtl" : "ltr"} lang="en">
        {mode === "popup" ? <Popup chat={chat} now={now} /> : <Panel chat={chat} now={now} shown />}
        <Announcer chat={chat} shown={mode === "inline"} />
      </div>
    );
  }

  private tick(): void {
    const { chat } = this.props;
    const { phase, since } = chat.link;
    const sending = chat.conversation.outbox.list.some((u) => u.state !== "refused");
    const restless = phase !== "open" || sending || chat.clock.now() - since < 5_000;
    this.stopClock = chat.clock.after(restless ? quick : calm, () => {
      this.setState({});
      this.tick();
    });
  }
}
