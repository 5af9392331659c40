// Chooses a file: a button like all others, in the page's own words, with the chosen file's name beside it.

import { useRef, useState } from "react";
import { Button } from "react-aria-components";
import { useWords } from "../words/words";
import css from "./page.module.css";

interface Props {
  label: string;
  accept: string;
  id?: string;
  onFile: (file: File) => void;
}

export function FileButton({ label, accept, id, onFile }: Props) {
  const { t } = useWords();
  const field = useRef<HTMLInputElement>(null);
  const [name, setName] = useState("");
  const take = (file: File | undefined) => {
    if (!file) return;
    setName(file.name);
    onFile(file);
  };
  return (
    <span className={css.file}>
      <input type="file" id={id} ref={field} accept={accept} hidden aria-label={label} onChange={(event) => take(event.target.files?.[0])} />
      <Button onPress={() => field.current?.click()}>{label}</Button>
      <span className="quiet" title={name || undefined}>{name || t("file_none")}</span>
    </span>
  );
}
