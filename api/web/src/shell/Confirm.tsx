// Asks before something that ends another's work: says what will happen, begins at the way back, Esc takes it.

import { Button, Dialog, Heading, Modal, ModalOverlay } from "react-aria-components";
import { useWords } from "../words/words";
import css from "./page.module.css";

interface Props {
  question: string;
  told: string;
  /** The word on the button that does it. */
  does: string;
  onYes: () => void;
  onNo: () => void;
}

export function Confirm({ question, told, does, onYes, onNo }: Props) {
  const { t } = useWords();
  return (
    <ModalOverlay className={css.veil} isOpen isDismissable onOpenChange={(open) => !open && onNo()}>
      <Modal>
        <Dialog role="alertdialog" className={css.dialog} id="confirm">
          <Heading slot="title">{question}</Heading>
          <p>{told}</p>
          <div className="row">
            <Button id="confirm-no" autoFocus onPress={onNo}><kbd>Esc</kbd> {t("cancel")}</Button>
            <Button id="confirm-yes" onPress={onYes}>{does}</Button>
          </div>
        </Dialog>
      </Modal>
    </ModalOverlay>
  );
}
