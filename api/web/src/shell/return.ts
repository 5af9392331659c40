// Where somebody was when the session ended, so that logging in again leads back there; forgotten by logging out.

const KEY = "phatnguoi.return";
const NOTES = "phatnguoi.note.";

export function rememberPlace(): void {
  const here = window.location.pathname + window.location.search;
  if (!here.startsWith("/login")) sessionStorage.setItem(KEY, here);
}

/** The address to go on at; taken once. */
export function placeToReturn(): string {
  const kept = sessionStorage.getItem(KEY);
  sessionStorage.removeItem(KEY);
  return kept?.startsWith("/") && !kept.startsWith("//") ? kept : "/";
}

export function forgetPlace(): void {
  sessionStorage.removeItem(KEY);
  for (const key of Object.keys(sessionStorage).filter((one) => one.startsWith(NOTES))) sessionStorage.removeItem(key);
}

/** What an officer typed and could not send yet; kept in this tab for this account alone. */
export const draftOf = (account: string, caseId: string) => {
  const key = `${NOTES}${account}.${caseId}`;
  return {
    text: sessionStorage.getItem(key) ?? "",
    keep: (text: string) => (text ? sessionStorage.setItem(key, text) : sessionStorage.removeItem(key)),
  };
};
