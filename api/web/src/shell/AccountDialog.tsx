// Who is logged in, in full, and the way to another password; an account of the OpenID provider has none here.

import { Button, Dialog, Heading, Modal, ModalOverlay } from "react-aria-components";
import { useWords } from "../words/words";
import { PasswordForm } from "./PasswordForm";
import { useSession } from "./session";
import css from "./page.module.css";

export function AccountDialog({ onClose }: { onClose: () => void }) {
  const { t, say } = useWords();
  const session = useSession();
  return (
    <ModalOverlay className={css.veil} isOpen isDismissable onOpenChange={(open) => !open && onClose()}>
      <Modal>
        <Dialog className={css.dialog} id="account-dialog">
          <Heading slot="title">{session.display_name}</Heading>
          <p>{session.name} · {say("roles", session.role)} · {session.wards.join(", ") || t("all_wards")}</p>
          {session.local ? <PasswordForm name={session.name} onDone={onClose} /> : <p className="quiet">{t("password_elsewhere")}</p>}
          <Button onPress={onClose}><kbd>Esc</kbd> {t("help_close")}</Button>
        </Dialog>
      </Modal>
    </ModalOverlay>
  );
}
