// What the page of citizens' reports reads, and how a picture of a video is taken.

import { queryOptions } from "@tanstack/react-query";
import { answer, api, Refusal, type Schemas } from "../api/client";

export type Report = Schemas["CitizenReportOut"];
export type Media = Schemas["MediaOut"];
export type ReportState = Report["state"];
/** x1, y1, x2, y2 in pixels of the picture. */
export type Box = [number, number, number, number];

const EVERY_MS = 30_000;
const ASK_MS = 1500;
const STILL_QUALITY = 0.92;

export const reportsQuery = (state: ReportState) =>
  queryOptions({
    queryKey: ["citizen-reports", state],
    queryFn: () => answer(api.GET("/api/v1/citizen-reports", { params: { query: { state, limit: 200 } } })),
    refetchInterval: EVERY_MS,
    staleTime: 0,
  });

const at = (id: string) => ({ params: { path: { report_id: id } } });

/** The last analysis of a report's videos; null when none was begun. */
export const analysisQuery = (id: string) =>
  queryOptions({
    queryKey: ["analysis", id],
    queryFn: () => answer(api.GET("/api/v1/citizen-reports/{report_id}/analysis", at(id))).catch((error: unknown) => {
      if (error instanceof Refusal && error.problem.code === "not_found") return null;
      throw error;
    }),
    refetchInterval: (query) => (query.state.data && ["waiting", "running"].includes(query.state.data.state) ? ASK_MS : false),
    staleTime: 0,
  });

export const fileAddress = (report: Report, file: Media): string =>
  `/api/v1/citizen-reports/${encodeURIComponent(report.id)}/files/${encodeURIComponent(file.name)}`;

export const previewAddress = (report: Report, file: Media): string => `${fileAddress(report, file)}/preview`;

export const isPhoto = (file: Media): boolean => file.media_type.startsWith("image/");

/** What a video shows at this moment, as base64 of a JPEG. */
export function stillOf(film: HTMLVideoElement): string {
  const surface = document.createElement("canvas");
  surface.width = film.videoWidth;
  surface.height = film.videoHeight;
  const context = surface.getContext("2d");
  if (!context || !film.videoWidth) throw new Refusal({ code: "bad_picture" });
  context.drawImage(film, 0, 0);
  return surface.toDataURL("image/jpeg", STILL_QUALITY).split(",")[1] ?? "";
}
