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
    this.stopWatching = this.props.chat.changes.on(() => this.redraw());
    this.redraw();
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

  private redraw(): void {
    const { clock, conversation, link } = this.props.chat;
    const sending = conversation.outbox.list.some((u) => u.state !== "refused");
    const restless = link.phase !== "open" || sending || clock.now() - link.since < 5_000;
    this.setState({});
    this.stopClock();
    this.stopClock = clock.after(restless ? quick : calm, () => this.redraw());
  }
}
