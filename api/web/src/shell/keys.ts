// Keyboard shortcuts of a page: single keys, silent while somebody types or holds a modifier.

import { useEffect, useRef } from "react";

export type Keys = Record<string, (event: KeyboardEvent) => void>;

const TYPING = new Set(["INPUT", "SELECT", "TEXTAREA"]);

export function isTyping(): boolean {
  const focused = document.activeElement;
  if (focused instanceof HTMLInputElement && ["range", "checkbox", "radio", "button"].includes(focused.type)) return false;
  return focused !== null && TYPING.has(focused.tagName);
}

/** A key by itself: no modifier is held, and no input method is writing a letter with it. */
export const isPlain = (event: KeyboardEvent): boolean => !(event.ctrlKey || event.metaKey || event.altKey || event.isComposing);

/** Calls `keys[event.key]`; Enter is left to a focused button or link, Escape works while typing too. */
export function useKeys(keys: Keys): void {
  const latest = useRef(keys);
  latest.current = keys;
  useEffect(() => {
    const listen = (event: KeyboardEvent) => {
      if (!isPlain(event) || event.defaultPrevented) return;
      if (document.querySelector("[role=dialog], [role=alertdialog]")) return;
      if (isTyping() && event.key !== "Escape") return;
      if (event.key === "Enter" && document.activeElement?.matches("button, a, summary")) return;
      const act = latest.current[event.key];
      if (!act) return;
      event.preventDefault();
      act(event);
    };
    document.addEventListener("keydown", listen);
    return () => document.removeEventListener("keydown", listen);
  }, []);
}
