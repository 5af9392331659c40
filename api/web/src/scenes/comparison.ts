// A version beside the one in force, as read when the comparison was opened; what is put in force is what was shown.

import { useState } from "react";
import type { Schemas } from "../api/client";
import { tellRefusal } from "../shell/message";
import { loadPicture, readVersion, referenceOf } from "./data";
import { type Difference, differenceOf } from "./difference";
import type { Scene } from "./scene";

export type Version = Schemas["SceneVersionOut"];

export interface Comparison {
  version: Version;
  /** Number of the version in force; null while none is. */
  inForce: number | null;
  after: Scene;
  difference: Difference;
  /** The view this version was drawn on; null: the one the page shows anyhow. */
  picture: HTMLImageElement | null;
}

export const inForceOf = (versions: readonly Version[]): number | null => versions.find((one) => one.in_force)?.number ?? null;

async function read(camera: string, version: Version, inForce: number | null): Promise<Comparison> {
  const [before, after, picture] = await Promise.all([
    inForce === null ? null : readVersion(camera, inForce), readVersion(camera, version.number),
    version.has_reference ? loadPicture(referenceOf(camera, version.number)) : null,
  ]);
  return { version, inForce, after, difference: differenceOf(before, after), picture };
}

export interface Comparing {
  comparison: Comparison | null;
  /** Id of the thing that is pointed out. */
  picked: string | null;
  pick: (id: string | null) => void;
  open: (version: Version, versions: readonly Version[]) => Promise<void>;
  close: () => void;
}

export function useComparison(camera: string): Comparing {
  const [comparison, setComparison] = useState<Comparison | null>(null);
  const [picked, pick] = useState<string | null>(null);
  const open = async (version: Version, versions: readonly Version[]) => {
    pick(null);
    try {
      setComparison(await read(camera, version, inForceOf(versions)));
    } catch (error) {
      tellRefusal(error);
    }
  };
  return { comparison, picked, pick, open, close: () => setComparison(null) };
}
