// The keys of the page at hand, large enough to be read from where one sits; ? opens it, Esc closes it.

import { Button, Dialog, Heading, Modal, ModalOverlay } from "react-aria-components";
import { useWords } from "../words/words";
import css from "./page.module.css";

/** `keys`: "r: begin · j / k: down / up", as the footer says them. */
export function Help({ keys, onClose }: { keys: string; onClose: () => void }) {
  const { t } = useWords();
  const rows = keys.split(" · ").map((pair) => {
    const cut = pair.indexOf(": ");
    return { key: pair.slice(0, cut), does: pair.slice(cut + 2) };
  });
  return (
    <ModalOverlay className={css.veil} isOpen isDismissable onOpenChange={(open) => !open && onClose()}>
      <Modal>
        <Dialog className={css.help} id="help-keys">
          <Heading slot="title">{t("help")}</Heading>
          <dl>{rows.map(({ key, does }) => <div key={key}><dt><kbd>{key}</kbd></dt><dd>{does}</dd></div>)}</dl>
          <Button onPress={onClose}><kbd>Esc</kbd> {t("help_close")}</Button>
        </Dialog>
      </Modal>
    </ModalOverlay>
  );
}
