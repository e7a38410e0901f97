import { Menu } from "./menu";
import { Quote } from "./quote";
import { Reactions } from "./reactions";
import { Strip } from "./strip";

/** What is fetched when it is first wanted; the core hands over what it takes from it, see lend.ts. */
export { Menu, Quote, Reactions, Strip };

/** The style of all of it. */
export const style = PLANGA_STYLE;
