const drawings = {
  alert: "M10 3.25a6.75 6.75 0 1 1 0 13.5 6.75 6.75 0 0 1 0-13.5zM10 6.5v4.25M10 13.4v.01",
  ban: "M10 3.25a6.75 6.75 0 1 1 0 13.5 6.75 6.75 0 0 1 0-13.5zM5.3 14.7l9.4-9.4",
  chat: "M3.5 16.5 4.6 13A6.5 6.5 0 1 1 7.2 15.6z",
  check: "m4.5 10.5 3.75 3.75 7.25-8",
  checks: "m2 10.75 3.4 3.4 6.1-7M9.75 13.4l.75.75 7.5-8",
  clock: "M10 3.25a6.75 6.75 0 1 1 0 13.5 6.75 6.75 0 0 1 0-13.5zM10 6.25V10l2.5 1.75",
  close: "m5.25 5.25 9.5 9.5M14.75 5.25l-9.5 9.5",
  down: "m5.5 8 4.5 4.5L14.5 8",
  eyeoff: "M8.1 5.2A7 7 0 0 1 10 5c4.75 0 7.25 5 7.25 5a12 12 0 0 1-2.1 2.75M12.9 14.3A7 7 0 0 1 10 15c-4.75 0-7.25-5-7.25-5A12 12 0 0 1 5.6 6.6M3.5 3.5l13 13",
  latest: "M10 4.25v11.5M5 10.75l5 5 5-5",
  lock: "M6.5 9h7a1.75 1.75 0 0 1 1.75 1.75v3.75a1.75 1.75 0 0 1-1.75 1.75h-7a1.75 1.75 0 0 1-1.75-1.75v-3.75A1.75 1.75 0 0 1 6.5 9zM7 9V6.75a3 3 0 0 1 6 0V9",
  more: "M4.75 10h.01M10 10h.01M15.25 10h.01",
  offline: "M2.75 7.9A11 11 0 0 1 6.6 5.6M9.4 4.85a11 11 0 0 1 7.85 3.05M5.4 10.75a7 7 0 0 1 2.6-1.7M12.3 9.15a7 7 0 0 1 2.3 1.6M8 13.5a3 3 0 0 1 4 0M10 16v.01M3.5 3.5l13 13",
  send: "M10 16.25V4M4.75 9.25 10 4l5.25 5.25",
  trash: "M4 5.75h12M8 5.5V4.25A1.25 1.25 0 0 1 9.25 3h1.5A1.25 1.25 0 0 1 12 4.25V5.5M5.5 5.75l.6 9.35A1.5 1.5 0 0 0 7.6 16.5h4.8a1.5 1.5 0 0 0 1.5-1.4l.6-9.35",
};

export type IconName = keyof typeof drawings;

interface IconProps {
  name?: IconName;
  /** Drawn instead of one that has a name here. */
  path?: string;
  small?: boolean;
  also?: string;
}

/** An icon of the 20 px grid; it says nothing to a screen reader. */
export function Icon({ name, path, small, also = "" }: IconProps) {
  return (
    <svg class={`pl-i${small ? " is-16" : ""}${name === "more" ? " is-dots" : ""} ${also}`} viewBox="0 0 20 20" aria-hidden="true">
      <path d={path ?? drawings[name!]} />
    </svg>
  );
}

/** Planga's mark: a speech bubble drawn in one line, with the dot that always says "look here". */
export function Mark({ size }: { size: number }) {
  return (
    <svg class="pl-mark" width={size} height={size} viewBox="0 0 20 20" aria-hidden="true">
      <path d="M5 17.75V8.75a6 6 0 1 1 6 6H8.6" fill="none" stroke="currentColor" stroke-width="2.25" stroke-linecap="round" stroke-linejoin="round" />
      <circle cx="11" cy="8.75" r="2" />
    </svg>
  );
}
