// Calls to the API: typed by its OpenAPI schema, the session's CSRF token on every change, refusals as `Refusal`.

import createClient, { type Middleware } from "openapi-fetch";
import type { components, paths } from "./schema";

export type Schemas = components["schemas"];
export type CaseRow = Schemas["CaseOut"];
export type CaseDetail = Schemas["CaseDetail"];
export type Session = Schemas["SessionOut"];
export type DecisionRow = Schemas["DecisionOut"];

/** One file of an evidence bundle; the schema leaves the manifest's own spelling open. */
export interface Item {
  name: string;
  media_type: string;
  sha256: string;
  size_bytes: number;
}

export interface Manifest {
  items: Item[];
  manifest_sha256: string;
}

export interface Problem {
  code: string;
  detail?: string;
  holder?: string | null;
  errors?: string[] | null;
  why?: string | null;
  allowed?: string[] | null;
  paper?: string | null;
  typed?: string | null;
  form?: string | null;
  faults?: components["schemas"]["FieldFaultOut"][] | null;
  [more: string]: unknown;
}

/** The API said no, or could not be reached (`code` "network"). */
export class Refusal extends Error {
  readonly problem: Problem;
  readonly status: number;

  constructor(problem: Problem, status = 0) {
    super(problem.detail ?? problem.code);
    this.problem = problem;
    this.status = status;
  }
}

let csrfToken: string | null = null;
let onLoginNeeded = (): void => undefined;

export function keepToken(token: string | null): void {
  csrfToken = token;
}

export function whenLoginNeeded(act: () => void): void {
  onLoginNeeded = act;
}

const guard: Middleware = {
  onRequest({ request }) {
    if (request.method !== "GET" && csrfToken) request.headers.set("X-CSRF-Token", csrfToken);
    return request;
  },
  async onResponse({ response, schemaPath }) {
    if (response.ok) return response;
    const problem = await read(response);
    if (problem.code === "login_needed" && schemaPath !== "/api/v1/session") onLoginNeeded();
    throw new Refusal(problem, response.status);
  },
  onError({ error }) {
    return error instanceof Refusal ? error : new Refusal({ code: "network" });
  },
};

async function read(response: Response): Promise<Problem> {
  const fallback: Problem = { code: "other", detail: `HTTP ${response.status}` };
  return (await response.json().catch(() => fallback)) as Problem;
}

export const api = createClient<paths>({
  baseUrl: "",
  querySerializer: { array: { style: "form", explode: true } },
});
api.use(guard);

/** The answer of a call that did not throw. */
export async function answer<T>(call: Promise<{ data?: T }>): Promise<T> {
  return (await call).data as T;
}

async function fetchBlob(address: string): Promise<Blob> {
  const unreached = () => {
    throw new Refusal({ code: "network" });
  };
  const response = await fetch(address).catch(unreached);
  if (!response.ok) throw new Refusal(await read(response), response.status);
  return response.blob().catch(unreached);
}

/** One evidence item as a local address; read once, so the access log has one line per look. */
export const fetchItem = async (caseId: string, name: string): Promise<string> => URL.createObjectURL(await fetchBlob(itemAddress(caseId, name)));

/** Hands a file to the visitor once all of it is there; a link would leave a refusal to the browser's few words. */
export async function saveFile(address: string, name: string): Promise<void> {
  hand(await fetchBlob(address), name);
}

/** A file that is here already. */
export function hand(file: Blob, name: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(file);
  link.download = name;
  link.click();
  URL.revokeObjectURL(link.href);
}

export const itemAddress = (caseId: string, name: string): string =>
  `/api/v1/cases/${encodeURIComponent(caseId)}/evidence/${encodeURIComponent(name)}`;
