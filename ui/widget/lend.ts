import { Component, createRef } from "preact";
import { Fragment, jsx, jsxs } from "preact/jsx-runtime";
import { asRefusal } from "./wire";
import { firstName, sentence } from "./words";
import { Icon } from "./view/icon";

/**
 * What the core lends to the part in more/, under the names by which that imports it, so that nothing is sent twice.
 * The build leaves those imports open and the core answers them with this.
 */
const lent: Record<string, object> = {
  preact: { Component, createRef },
  "preact/jsx-runtime": { Fragment, jsx, jsxs },
  "../wire": { asRefusal },
  "../words": { firstName, sentence },
  "../view/icon": { Icon },
};

/** Answers an import of the lazily loaded part. */
export function lend(name: string): object {
  return lent[name];
}
