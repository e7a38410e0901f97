// What HTML alone cannot do: copy to the clipboard, and make an open dialog modal. Every page works without it.

function textBeside(button) {
  const block = button.closest(".block");
  const texts = [...block.querySelectorAll("pre")];
  return texts.find((text) => text.offsetParent !== null) ?? texts[0];
}

// Pages on plain HTTP have no clipboard; there the selection is copied the old way.
function copyBySelecting(text) {
  const selection = getSelection();
  selection.selectAllChildren(text);
  const copied = document.execCommand("copy");
  if (copied) selection.removeAllRanges();
  return copied;
}

async function copy(text) {
  try {
    await navigator.clipboard.writeText(text.textContent);
    return true;
  } catch {
    return copyBySelecting(text);
  }
}

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  const label = button.querySelector("span");
  label.textContent = (await copy(textBeside(button))) ? "Copied" : "Press Ctrl C";
  setTimeout(() => (label.textContent = "Copy"), 2000);
});

// The server sends dialogs open, so that they are there without scripts; here the page behind them is put to rest.
// Escape leads where the dialog's quiet answer leads.
for (const dialog of document.querySelectorAll("dialog[open][data-modal]")) {
  dialog.close();
  dialog.showModal();
  dialog.querySelector("[autofocus]")?.focus();
  dialog.addEventListener("cancel", (event) => {
    event.preventDefault();
    const away = dialog.querySelector("a[data-away]");
    if (away) location.href = away.href;
  });
}
