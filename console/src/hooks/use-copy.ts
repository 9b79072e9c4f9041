import { type RefObject, useEffect, useRef, useState } from "react";

const SHOWN_MS = 2_000;

/** Copies a text, and says so for two seconds. `field` is what gets selected where the clipboard is out of reach. */
export function useCopy(text: string, field?: RefObject<HTMLInputElement | null>): [boolean, () => void] {
  const [isCopied, setCopied] = useState(false);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);

  function confirm() {
    setCopied(true);
    clearTimeout(timer.current);
    timer.current = setTimeout(() => setCopied(false), SHOWN_MS);
  }

  function copy() {
    // Absent in insecure contexts, whatever the type says.
    const clipboard = navigator.clipboard as Clipboard | undefined;
    if (clipboard === undefined) {
      if (copyBySelection(text, field?.current ?? null)) confirm();
      return;
    }
    clipboard.writeText(text).then(confirm, () => {
      if (copyBySelection(text, field?.current ?? null)) confirm();
    });
  }

  return [isCopied, copy];
}

/** The way of old browsers and insecure contexts: select, then ask the document to copy. */
function copyBySelection(text: string, field: HTMLInputElement | null): boolean {
  const source =
    field ?? document.body.appendChild(Object.assign(document.createElement("input"), { value: text, readOnly: true }));
  source.select();
  const isDone = document.execCommand("copy");
  if (field === null) source.remove();
  return isDone;
}
