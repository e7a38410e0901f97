const sheets = new Map<string, CSSStyleSheet>();

/** Adopts a style sheet once, which no content security policy of the page forbids. */
export function dress(shadow: ShadowRoot, style: string): void {
  try {
    const sheet = sheets.get(style) ?? new CSSStyleSheet();
    if (!sheets.has(style)) sheet.replaceSync(style);
    sheets.set(style, sheet);
    if (!shadow.adoptedStyleSheets.includes(sheet)) shadow.adoptedStyleSheets = [...shadow.adoptedStyleSheets, sheet];
  } catch {
    // Browsers from before 2023 know no constructed sheets; they get an element, where the page permits it.
    const element = document.createElement("style");
    element.textContent = style;
    shadow.append(element);
  }
}
