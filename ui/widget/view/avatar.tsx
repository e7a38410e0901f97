import type { User } from "../wire";
import { initials } from "../words";

/** A person's picture, or their initials on one of eight quiet grounds that their id chooses. */
export function Avatar({ user, size = 32, here }: { user: User; size?: 28 | 32 | 56; here?: boolean }) {
  const picture = user.avatar && /^https:\/\//i.test(user.avatar) ? user.avatar : null;
  return (
    <span class={`pl-av h${ground(user.id)} is-${size}${here ? " is-on" : ""}`} aria-hidden="true">
      {picture ? <img src={picture} alt="" loading="lazy" referrerpolicy="no-referrer" /> : initials(user.name)}
    </span>
  );
}

function ground(id: string): number {
  let sum = 2166136261;
  for (let i = 0; i < id.length; i++) sum = Math.imul(sum ^ id.charCodeAt(i), 16777619);
  return ((sum >>> 13) % 8) + 1;
}
