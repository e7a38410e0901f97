import { Menu } from "./menu";
import { Reactions } from "./reactions";

/** What is fetched when it is first wanted; the core hands over what it takes from it, see lend.ts. */
export { Menu, Reactions };

/** The style of all of it. */
export const style = PLANGA_STYLE;
