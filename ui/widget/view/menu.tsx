import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import type { Chat } from "../chat";
import type { Item } from "../rows";
import type { Message, Refusal } from "../wire";
import { asRefusal } from "../wire";
import { firstName, sentence } from "../words";
import { Icon, type IconName } from "./icon";

/** The message whose menu is open, and the element from which it was opened. */
export interface Opened {
  item: Item;
  from: HTMLElement;
}

const forGood = 368_640_000;
const pauses: [string, number][] = [["for 15 minutes", 15], ["for 1 hour", 60], ["for 1 day", 1440], ["until I lift it", forGood]];

/** What can be done with a message: copy it, and for moderators hide it or pause its author. */
export function Menu({ chat, opened, onClose }: { chat: Chat; opened: Opened; onClose(): void }) {
  const box = useRef<HTMLDivElement>(null);
  const [refusal, setRefusal] = useState<Refusal | null>(null);
  const message = opened.item.message!;
  const run = (deed: Promise<unknown>) => deed.then(onClose, (answer) => setRefusal(asRefusal(answer)));
  useLayoutEffect(() => placeBeside(box.current!, opened.from), [opened]);
  useEffect(() => {
    entries(box.current!)[0]?.focus();
    return closeOnOutside(box.current!, onClose);
  }, [opened]);
  return (
    <div ref={box} class="pl-menu" role="menu" aria-label={`Message by ${message.author.name}`} onKeyDown={(e) => keyed(e, box.current!, onClose)}>
      {message.body && <Entry icon="copy" text="Copy text" onClick={() => run(copy(message.body))} />}
      {chat.conversation.isModerator && <Moderation chat={chat} message={message} run={run} />}
      {refusal && <p class="pl-menu-note" role="alert">{sentence(refusal)}</p>}
    </div>
  );
}

function Moderation({ chat, message, run }: { chat: Chat; message: Message; run(deed: Promise<unknown>): void }) {
  const [choosing, setChoosing] = useState(false);
  const { conversation, clock } = chat;
  const author = conversation.people.find(message.author.id);
  const paused = Date.parse(author?.banned_until ?? "") > clock.now();
  const mayPause = message.author.id !== conversation.myId && author?.role !== "moderator" && message.author.role !== "moderator";
  const name = firstName(message.author.name);
  return (
    <>
      <hr />
      <p class="pl-menu-head">Moderator</p>
      {message.hidden ? (
        <Entry icon="eye" text="Show message" onClick={() => run(conversation.setHidden(message.id, false))} />
      ) : (
        <Entry icon="eyeoff" text="Hide message" onClick={() => run(conversation.setHidden(message.id, true))} />
      )}
      {mayPause && paused && <Entry icon="ban" text={`Let ${name} write again`} onClick={() => run(conversation.ban(message.author.id, 0))} />}
      {mayPause && !paused && <Entry icon="ban" text={`Pause ${name}`} open={choosing} onClick={() => setChoosing(!choosing)} />}
      {mayPause && !paused && choosing && (
        <div role="group" aria-label={`Pause ${name}`}>
          {pauses.map(([text, minutes]) => (
            <button type="button" role="menuitem" tabIndex={-1} class={`is-choice${minutes === forGood ? " is-bad" : ""}`} onClick={() => run(conversation.ban(message.author.id, minutes))}>
              {text}
            </button>
          ))}
        </div>
      )}
    </>
  );
}

function Entry({ icon, text, open, onClick }: { icon: IconName; text: string; open?: boolean; onClick(): void }) {
  return (
    <button type="button" role="menuitem" tabIndex={-1} aria-expanded={open} onClick={onClick}>
      <Icon name={icon} />
      <span>{text}</span>
      {open !== undefined && <Icon name="down" also="is-turn" />}
    </button>
  );
}

function copy(text: string): Promise<void> {
  return navigator.clipboard?.writeText(text) ?? Promise.reject({ reason: "internal", message: "This page may not use the clipboard." });
}

function entries(menu: HTMLElement): HTMLElement[] {
  return [...menu.querySelectorAll<HTMLElement>("[role=menuitem]")];
}

function keyed(event: KeyboardEvent, menu: HTMLElement, onClose: () => void): void {
  const all = entries(menu);
  const root = menu.getRootNode() as ShadowRoot;
  const at = all.indexOf(root.activeElement as HTMLElement);
  const next: Record<string, number> = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: all.length - 1 };
  if (event.key === "Escape" || event.key === "Tab") onClose();
  else if (event.key in next) all[(next[event.key] + all.length) % all.length]?.focus();
  else return;
  event.preventDefault();
  event.stopPropagation();
}

/** Listens in the page too, where a press outside the widget lands. */
function closeOnOutside(menu: HTMLElement, onClose: () => void): () => void {
  const pressed = (event: Event) => {
    if (!event.composedPath().includes(menu)) onClose();
  };
  document.addEventListener("pointerdown", pressed);
  return () => document.removeEventListener("pointerdown", pressed);
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
