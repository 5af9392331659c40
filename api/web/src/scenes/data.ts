// What the scene editor reads: cameras, versions, the picture to draw on, and the server's opinion of a drawing.

import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { answer, api, fetchItem, Refusal } from "../api/client";
import type { Scene } from "./scene";

const at = (camera: string) => ({ params: { path: { camera_id: camera } } });

export const camerasQuery = queryOptions({ queryKey: ["scenes"], queryFn: () => answer(api.GET("/api/v1/scenes")) });

/** Where to go on from; null for a camera nobody knows yet. */
export const startQuery = (camera: string) =>
  queryOptions({
    queryKey: ["scenes", camera],
    queryFn: () => answer(api.GET("/api/v1/scenes/{camera_id}", at(camera))).catch((error: unknown) => {
      if (error instanceof Refusal && error.problem.code === "not_found") return null;
      throw error;
    }),
    staleTime: 0,
  });

type Start = Awaited<ReturnType<NonNullable<ReturnType<typeof startQuery>["queryFn"]>>>;

export const checkQuery = (scene: Scene | null) =>
  queryOptions({
    queryKey: ["scene-check", scene],
    queryFn: () => answer(api.POST("/api/v1/scenes/check", { body: { scene: scene as unknown as Record<string, never> } })),
    enabled: scene !== null,
    placeholderData: keepPreviousData,
    staleTime: Infinity,
    gcTime: 30_000,
  });

export const referenceOf = (camera: string, number: number): string =>
  `/api/v1/scenes/${encodeURIComponent(camera)}/versions/${number}/reference`;

/** The address of the camera's view: the newest version's reference picture, else a still of its newest case. */
export async function viewOf(camera: string, start: Start): Promise<string | null> {
  const pictured = start?.versions.find((version) => version.has_reference);
  if (pictured) return referenceOf(camera, pictured.number);
  return start?.case_id ? fetchItem(start.case_id, "before.jpg").catch(() => null) : null;
}

export const readVersion = async (camera: string, number: number): Promise<Scene> => {
  const path = { camera_id: camera, number };
  const drawing = await answer(api.GET("/api/v1/scenes/{camera_id}/versions/{number}", { params: { path } }));
  return drawing.scene as unknown as Scene;
};

/** A version as the file that `phatnguoi batch` and `run` read, handed to the browser as a download. */
export async function downloadVersion(camera: string, number: number): Promise<void> {
  const path = { camera_id: camera, number };
  const drawing = await answer(api.GET("/api/v1/scenes/{camera_id}/versions/{number}", { params: { path } }));
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([drawing.text], { type: "application/yaml" }));
  link.download = `${camera}-${number}.yaml`;
  link.click();
  URL.revokeObjectURL(link.href);
}

export function loadPicture(address: string): Promise<HTMLImageElement> {
  return new Promise((resolve, reject) => {
    const picture = new Image();
    picture.onload = () => resolve(picture);
    picture.onerror = () => reject(new Refusal({ code: "bad_picture" }));
    picture.src = address;
  });
}

export function base64Of(file: File): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(String(reader.result).split(",")[1] ?? "");
    reader.onerror = () => reject(new Refusal({ code: "bad_picture" }));
    reader.readAsDataURL(file);
  });
}
