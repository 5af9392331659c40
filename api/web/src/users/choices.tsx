// What an account may be: roles and titles as choices, wards as typed.

import { useWords } from "../words/words";

/** Wards typed with commas between them. */
export const wardsOf = (text: string): string[] => text.split(",").map((ward) => ward.trim()).filter(Boolean);

export function Roles() {
  const { say, codes } = useWords();
  return codes("roles").map((role) => <option key={role} value={role}>{say("roles", role)}</option>);
}

export function Titles() {
  const { say, codes } = useWords();
  return <><option value="">–</option>{codes("titles").map((title) => <option key={title} value={title}>{say("titles", title)}</option>)}</>;
}
