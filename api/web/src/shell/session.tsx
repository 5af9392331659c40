// Who is logged in, for every page behind the login.

import { createContext, type ReactNode, useContext } from "react";
import { useQuery } from "@tanstack/react-query";
import { answer, api, type Session, keepToken } from "../api/client";
import { addVocabulary } from "../words/words";

const Account = createContext<Session | null>(null);

async function begin(): Promise<Session> {
  const session = await answer(api.GET("/api/v1/session"));
  keepToken(session.csrf_token);
  if (!session.password_due) addVocabulary(await answer(api.GET("/api/v1/vocabulary")));
  return session;
}

interface Props {
  children: ReactNode;
  /** Stands for the pages while the password is to be replaced. */
  due: (session: Session) => ReactNode;
  otherwise: ReactNode;
}

/** Reads the session and the vocabulary once; shows nothing before both are there. */
export function WithSession({ children, due, otherwise }: Props) {
  const { data, isError } = useQuery({ queryKey: ["session"], queryFn: begin, staleTime: Infinity, retry: false });
  if (isError) return otherwise;
  if (data?.password_due) return due(data);
  return data ? <Account value={data}>{children}</Account> : null;
}

export function useSession(): Session {
  const session = useContext(Account);
  if (!session) throw new Error("useSession outside WithSession");
  return session;
}
