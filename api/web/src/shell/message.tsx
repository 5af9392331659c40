// What just happened or was refused: one line at a time, spoken to screen readers, with an optional way back.

import { useSyncExternalStore } from "react";
import { Button } from "react-aria-components";
import { Refusal } from "../api/client";
import { useWords, words } from "../words/words";
import { useKeys } from "./keys";
import css from "./message.module.css";

interface Offer {
  key: string;
  label: string;
  act: () => void;
}

interface Message {
  text: string;
  bad: boolean;
  offer?: Offer;
}

const GOOD_MS = 3000;
const BAD_MS = 8000;

let shown: Message | null = null;
let fading: ReturnType<typeof setTimeout> | undefined;
const listeners = new Set<() => void>();

function show(message: Message | null): void {
  shown = message;
  for (const listener of listeners) listener();
}

export function tell(text: string, { bad = false, offer, forMs }: { bad?: boolean; offer?: Offer; forMs?: number } = {}): void {
  clearTimeout(fading);
  show({ text, bad, offer });
  fading = setTimeout(() => show(null), forMs ?? (bad ? BAD_MS : GOOD_MS));
}

/** What was said is over. */
export function hush(): void {
  clearTimeout(fading);
  show(null);
}

/** Says a refusal in the reader's language; anything else is a defect and is thrown on. */
export function tellRefusal(error: unknown): void {
  if (!(error instanceof Refusal)) throw error;
  tell(words().problem(error.problem), { bad: true });
}

function takeOffer(offer: Offer): void {
  show(null);
  offer.act();
}

export function MessageLine() {
  const { t } = useWords();
  const message = useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => shown,
  );
  const offer = message?.offer;
  useKeys(offer ? { [offer.key]: () => takeOffer(offer) } : {});
  return (
    <div id="message" role="status" aria-live="polite" className={css.line} data-bad={message?.bad || undefined} hidden={!message}>
      <span id="message-text">{message?.text}</span>
      {offer && (
        <Button id="offer" onPress={() => takeOffer(offer)}>
          <kbd>{offer.key}</kbd> {t(offer.label)}
        </Button>
      )}
    </div>
  );
}
