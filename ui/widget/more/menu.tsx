import { Component, createRef } from "preact";
import type { Chat } from "../chat";
import type { Author, Message, Refusal } from "../wire";
import { asRefusal } from "../wire";
import { firstName, sentence } from "../words";
import { Icon, type IconName } from "../view/icon";
import { drawings } from "./drawings";
import { common, isReactable, toggle } from "./reactions";

export interface MenuProps {
  chat: Chat;
  message: Message;
  /** The element from which it was opened. */
  from: HTMLElement;
  onClose(): void;
  /** Answers or edits the message in the composer. */
  onAbout(kind: "reply" | "edit"): void;
}

type Drawn = keyof typeof drawings;

const forGood = 368_640_000;
const pauses: [string, number][] = [["for 15 minutes", 15], ["for 1 hour", 60], ["for 1 day", 1440], ["until I lift it", forGood]];

interface MenuState {
  /** Whether the lengths of a pause are shown. */
  choosing: boolean;
  /** Whether it is asked if the message shall really go. */
  deleting: boolean;
  refusal: Refusal | null;
}

/** What can be done with a message: react to it, copy it, delete it, and for moderators hide it or pause its author. */
export class Menu extends Component<MenuProps, MenuState> {
  override state: MenuState = { choosing: false, deleting: false, refusal: null };
  private box = createRef<HTMLDivElement>();
  /** Listens in the page too, where a press outside the widget lands. */
  private pressed = (event: Event) => {
    if (!event.composedPath().includes(this.box.current!)) this.props.onClose();
  };

  override componentDidMount(): void {
    document.addEventListener("pointerdown", this.pressed);
    this.place();
    this.box.current!.querySelector<HTMLElement>("[role=menuitem]")?.focus();
  }

  override componentDidUpdate(): void {
    this.place();
  }

  override componentWillUnmount(): void {
    document.removeEventListener("pointerdown", this.pressed);
  }

  override render() {
    const { chat, message, onClose, onAbout } = this.props;
    const mine = chat.conversation.isMineToChange(message);
    return (
      <div ref={this.box} class="pl-menu" role="menu" aria-label={`Message by ${message.author.name}`} onKeyDown={(e) => keyed(e, this.box.current!, onClose)}>
        {isReactable(chat, message) && this.reacting()}
        {message.body && <Entry icon="copy" text="Copy text" onClick={() => this.run(copy(message.body))} />}
        {isReactable(chat, message) && <Entry icon="reply" text="Reply" onClick={() => onAbout("reply")} />}
        {mine && !message.hidden && <Entry icon="edit" text="Edit" onClick={() => onAbout("edit")} />}
        {(mine || chat.conversation.isModerator) && this.deleting()}
        {chat.conversation.isModerator && this.moderation(message)}
        {this.state.refusal && <p class="pl-menu-note" role="alert">{sentence(this.state.refusal)}</p>}
      </div>
    );
  }

  private reacting() {
    const { chat, message } = this.props;
    const { myId } = chat.conversation;
    return (
      <div class="pl-menu-reacts" role="group" aria-label="React">
        {common.map((emoji) => (
          <button type="button" role="menuitemcheckbox" tabIndex={-1} aria-checked={message.reactions?.[emoji]?.includes(myId) ?? false} onClick={() => this.run(toggle(chat, message, emoji))}>
            {emoji}
          </button>
        ))}
      </div>
    );
  }

  private deleting() {
    const { chat, message } = this.props;
    const { deleting } = this.state;
    return (
      <>
        <Entry icon="trash" text="Delete" open={deleting} onClick={() => this.setState({ deleting: !deleting })} />
        {deleting && <Entry text="Delete it for everybody" bad onClick={() => this.run(chat.conversation.ask("delete_message", { id: message.id }))} />}
      </>
    );
  }

  private moderation(message: Message) {
    const { conversation } = this.props.chat;
    const hidden = message.hidden ?? false;
    return (
      <>
        <hr />
        <p class="pl-menu-head">Moderator</p>
        <Entry icon={hidden ? "eye" : "eyeoff"} text={hidden ? "Show message" : "Hide message"} onClick={() => this.run(conversation.ask(hidden ? "show_message" : "hide_message", { id: message.id }))} />
        {this.pausing(message.author)}
      </>
    );
  }

  private pausing({ id, name, role }: Author) {
    const { conversation, clock } = this.props.chat;
    const author = conversation.people.find(id);
    const pause = (minutes: number) =>
      this.run(minutes === 0 ? conversation.ask("unban_user", { user_id: id }) : conversation.ask("ban_user", { user_id: id, duration_minutes: minutes }));
    if (id === conversation.myId || (author ? author.role : role) === "moderator") return null;
    if (Date.parse(author?.banned_until ?? "") > clock.now()) return <Entry icon="ban" text={`Let ${firstName(name)} write again`} onClick={() => pause(0)} />;
    const { choosing } = this.state;
    return (
      <>
        <Entry icon="ban" text={`Pause ${firstName(name)}`} open={choosing} onClick={() => this.setState({ choosing: !choosing })} />
        {choosing && pauses.map(([text, minutes]) => <Entry text={text} bad={minutes === forGood} onClick={() => pause(minutes)} />)}
      </>
    );
  }

  private run(deed: Promise<unknown>): void {
    deed.then(this.props.onClose, (answer) => this.setState({ refusal: asRefusal(answer) }));
  }

  private place(): void {
    placeBeside(this.box.current!, this.props.from);
  }
}

function Entry({ icon, text, open, bad, onClick }: { icon?: IconName | Drawn; text: string; open?: boolean; bad?: boolean; onClick(): void }) {
  return (
    <button type="button" role="menuitem" tabIndex={-1} class={icon ? "" : `is-choice${bad ? " is-bad" : ""}`} aria-expanded={open} onClick={onClick}>
      {icon && (icon in drawings ? <Icon path={drawings[icon as Drawn]} /> : <Icon name={icon as IconName} />)}
      <span>{text}</span>
      {open !== undefined && <Icon name="down" also="is-turn" />}
    </button>
  );
}

function copy(text: string): Promise<void> {
  return navigator.clipboard?.writeText(text) ?? Promise.reject({ reason: "internal", message: "This page may not use the clipboard." });
}

function entries(menu: HTMLElement): HTMLElement[] {
  return [...menu.querySelectorAll<HTMLElement>("[role^=menuitem]")];
}

function keyed(event: KeyboardEvent, menu: HTMLElement, onClose: () => void): void {
  const all = entries(menu);
  const root = menu.getRootNode() as ShadowRoot;
  const at = all.indexOf(root.activeElement as HTMLElement);
  const next: Record<string, number> = { ArrowDown: at + 1, ArrowRight: at + 1, ArrowUp: at - 1, ArrowLeft: at - 1, Home: 0, End: all.length - 1 };
  if (event.key === "Escape" || event.key === "Tab") onClose();
  else if (event.key in next) all[(next[event.key] + all.length) % all.length]?.focus();
  else return;
  event.preventDefault();
  event.stopPropagation();
}

/** Below the element and flush with its end, or above it when there is no room; always inside the widget. */
function placeBeside(menu: HTMLElement, from: HTMLElement): void {
  const room = menu.parentElement!.getBoundingClientRect();
  const at = from.getBoundingClientRect();
  const { width, height } = menu.getBoundingClientRect();
  const below = at.bottom + 4 + height <= room.bottom - 8;
  const top = below ? at.bottom + 4 - room.top : Math.max(8, at.top - 4 - height - room.top);
  const left = Math.min(Math.max(8, at.right - width - room.left), room.width - width - 8);
  menu.style.top = `${Math.min(top, Math.max(8, room.height - height - 8))}px`;
  menu.style.left = `${left}px`;
}
