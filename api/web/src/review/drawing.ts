// Draws zones, gates, path, box and timer over a picture. Colours differ in lightness too, so that they tell apart
// without colour vision; every line has a dark edge to stand on any street.

import { type Box, feetUntil, type Overlay, type Point } from "./motion";

const ZONE = "#ffc800";
const OTHER = "rgb(255 200 0 / 35%)";
const PATH = "#00e0ff";
const OFFENDER = "#ff4b4b";
const EDGE = "rgb(0 0 0 / 65%)";
const FONT = "600 15px system-ui, sans-serif";

export interface View {
  /** Pixels of the screen per pixel of the scene, and where its corner lies. */
  scale: number;
  left: number;
  top: number;
}

/** Where a picture of `size` stands in a box that contains it whole. */
export function contained(size: Point, boxWidth: number, boxHeight: number): View {
  const scale = Math.min(boxWidth / size[0], boxHeight / size[1]);
  return { scale, left: (boxWidth - size[0] * scale) / 2, top: (boxHeight - size[1] * scale) / 2 };
}

export interface Moment {
  tS: number;
  box: Box | null;
}

/** `now` null draws the zones and the whole path without a box. */
export function draw(canvas: CanvasRenderingContext2D, overlay: Overlay, view: View, now: Moment | null, timer: string): void {
  const pen = new Pen(canvas, view);
  for (const zone of overlay.zones) {
    pen.line(zone.polygon, zone.judged ? ZONE : OTHER, zone.judged ? 2.5 : 1, true);
    if (zone.judged && zone.direction) pen.arrow(zone.direction[0], zone.direction[1], ZONE);
  }
  for (const turn of overlay.turns) {
    const colour = turn.judged ? ZONE : OTHER;
    pen.line(turn.enter, colour, 3);
    pen.line(turn.leave, colour, 3);
  }
  pen.line(feetUntil(overlay.path, now?.tS ?? Number.POSITIVE_INFINITY), PATH, 2.5);
  if (now?.box) pen.box(now.box, OFFENDER, timer);
  else if (timer) pen.corner(timer);
}

class Pen {
  constructor(private readonly canvas: CanvasRenderingContext2D, private readonly view: View) {
    canvas.lineJoin = "round";
    canvas.lineCap = "round";
    canvas.font = FONT;
    canvas.textBaseline = "bottom";
  }

  private at(point: Point): [number, number] {
    return [this.view.left + point[0] * this.view.scale, this.view.top + point[1] * this.view.scale];
  }

  line(points: readonly Point[], colour: string, width: number, closed = false): void {
    if (points.length < 2) return;
    this.canvas.beginPath();
    for (const [index, point] of points.entries()) {
      const [x, y] = this.at(point);
      if (index === 0) this.canvas.moveTo(x, y);
      else this.canvas.lineTo(x, y);
    }
    if (closed) this.canvas.closePath();
    this.stroke(colour, width);
  }

  arrow(from: Point, to: Point, colour: string): void {
    this.line([from, to], colour, 3);
    const [x, y] = this.at(to);
    const [fromX, fromY] = this.at(from);
    const angle = Math.atan2(y - fromY, x - fromX);
    this.canvas.beginPath();
    for (const turn of [2.6, -2.6]) {
      this.canvas.moveTo(x, y);
      this.canvas.lineTo(x + 16 * Math.cos(angle + turn), y + 16 * Math.sin(angle + turn));
    }
    this.stroke(colour, 3);
  }

  box(box: Box, colour: string, label: string): void {
    const [x, y] = this.at([box[0], box[1]]);
    const width = (box[2] - box[0]) * this.view.scale;
    const height = (box[3] - box[1]) * this.view.scale;
    this.canvas.beginPath();
    this.canvas.rect(x, y, width, height);
    this.stroke(colour, 2.5);
    this.text(label, x, Math.max(y - 4, 20));
  }

  corner(label: string): void {
    this.text(label, this.view.left + 8, this.view.top + 28);
  }

  private stroke(colour: string, width: number): void {
    this.canvas.strokeStyle = EDGE;
    this.canvas.lineWidth = width + 2;
    this.canvas.stroke();
    this.canvas.strokeStyle = colour;
    this.canvas.lineWidth = width;
    this.canvas.stroke();
  }

  private text(label: string, x: number, y: number): void {
    if (!label) return;
    const width = this.canvas.measureText(label).width;
    const left = Math.min(x, this.canvas.canvas.clientWidth - width - 12);
    this.canvas.fillStyle = "rgb(0 0 0 / 78%)";
    this.canvas.fillRect(left, y - 20, width + 10, 22);
    this.canvas.fillStyle = "#fff";
    this.canvas.fillText(label, left + 5, y);
  }
}
