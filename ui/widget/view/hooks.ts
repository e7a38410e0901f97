import { useEffect, useReducer, useRef, useState } from "preact/hooks";
import type { Chat } from "../chat";

/** Draws the component again after each change of the chat. */
export function useChat(chat: Chat): void {
  const [, redraw] = useReducer((n: number) => n + 1, 0);
  useEffect(() => {
    redraw(0);
    return chat.watch(() => redraw(0));
  }, [chat]);
}

/** The time, drawn again every `ms` milliseconds. */
export function useNow(chat: Chat, ms: number): number {
  const [, redraw] = useReducer((n: number) => n + 1, 0);
  useEffect(() => {
    const timer = setInterval(() => redraw(0), ms);
    return () => clearInterval(timer);
  }, [ms]);
  return chat.clock.now();
}

/** False at first and true after `ms` milliseconds, so that what is quick does not flicker. */
export function useLate(ms: number): boolean {
  const [late, setLate] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setLate(true), ms);
    return () => clearTimeout(timer);
  }, []);
  return late;
}

/** Whether the page is matched by a media query, now and after each change. */
export function useMedia(query: string): boolean {
  const media = useRef(matchMedia(query)).current;
  const [matches, setMatches] = useState(media.matches);
  useEffect(() => {
    const update = () => setMatches(media.matches);
    media.addEventListener("change", update);
    return () => media.removeEventListener("change", update);
  }, []);
  return matches;
}
