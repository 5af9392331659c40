// Where each role can go; the server decides what it may do there.

export interface Place {
  path: string;
  words: string;
  roles: readonly string[] | "all";
}

const READERS = ["operator", "officer", "handler", "commander", "signer", "auditor"] as const;

export const PLACES: readonly Place[] = [
  { path: "/", words: "queue_place", roles: READERS },
  { path: "/intake", words: "intake_place", roles: READERS },
  { path: "/scenes", words: "scenes_place", roles: READERS },
  { path: "/cameras", words: "cameras", roles: READERS },
  { path: "/reports", words: "reports", roles: READERS },
  { path: "/quality", words: "quality_place", roles: READERS },
  { path: "/law", words: "law", roles: "all" },
  { path: "/audit", words: "audit_place", roles: ["commander", "auditor"] },
  { path: "/users", words: "users", roles: ["administrator"] },
];

export const placesOf = (role: string): readonly Place[] =>
  PLACES.filter((place) => place.roles === "all" || place.roles.includes(role));
