// A trial of the drawing on the hours kept: begun, asked for again until it is over.

import { useCallback, useEffect, useRef, useState } from "react";
import { answer, api, type Schemas } from "../api/client";
import { tellRefusal } from "../shell/message";
import type { Scene } from "./scene";

export type Trial = Schemas["TrialOut"];
export type Act = Schemas["TrialActOut"];
export type PathRow = number[];

const ASK_MS = 700;

export interface Trying {
  trial: Trial | null;
  /** The drawing that was tried. */
  of: Scene | null;
  begin: (hours: number) => Promise<void>;
  /** Ends a trial that runs. */
  cancel: () => void;
}

export function useTrial(camera: string, scene: Scene | null): Trying {
  const [trial, setTrial] = useState<Trial | null>(null);
  const [of, setOf] = useState<Scene | null>(null);
  const alive = useRef(true);
  useEffect(() => {
    alive.current = true;
    return () => {
      alive.current = false;
    };
  }, []);
  const id = trial?.state === "running" ? trial.id : null;
  useEffect(() => {
    if (id === null) return undefined;
    const path = { camera_id: camera, trial_id: id };
    const timer = setInterval(() => {
      answer(api.GET("/api/v1/scenes/{camera_id}/trials/{trial_id}", { params: { path } }))
        .then((now) => alive.current && setTrial(now))
        .catch((error: unknown) => {
          tellRefusal(error);
          if (alive.current) setTrial(null);
        });
    }, ASK_MS);
    return () => clearInterval(timer);
  }, [camera, id]);
  const begin = useCallback(async (hours: number) => {
    if (!scene) return;
    const body = { scene: scene as unknown as Record<string, never>, hours };
    try {
      setTrial(await answer(api.POST("/api/v1/scenes/{camera_id}/trials", { params: { path: { camera_id: camera } }, body })));
      setOf(scene);
    } catch (error) {
      tellRefusal(error);
    }
  }, [camera, scene]);
  const cancel = () => {
    if (id === null) return;
    const path = { camera_id: camera, trial_id: id };
    api.DELETE("/api/v1/scenes/{camera_id}/trials/{trial_id}", { params: { path } }).then(() => setTrial(null), tellRefusal);
  };
  return { trial, of, begin, cancel };
}
