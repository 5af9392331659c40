// A name beneath a chart, on as many lines as its bar leaves room for, so that none is left out and none covers another.

const LINE_PX = 15;
const LETTER_PX = 6.9;
const GAP_PX = 8;
const MOST_LINES = 4;
const SHORTEST = 5;

/** Room for the names beneath the axis, pixels. */
export const LABEL_PX = MOST_LINES * LINE_PX + 10;

interface Props {
  /** How many names share the axis. */
  count: number;
  x?: number;
  y?: number;
  width?: number;
  payload?: { value: string };
}

export function Label({ count, x = 0, y = 0, width = 0, payload }: Props) {
  const letters = Math.max(SHORTEST, Math.floor((width / count - GAP_PX) / LETTER_PX));
  return (
    <text x={x} y={y} textAnchor="middle" fill="var(--quiet)" fontSize={12} data-label={payload?.value}>
      {lines(payload?.value ?? "", letters).map((line, index) => <tspan key={index} x={x} dy={LINE_PX}>{line}</tspan>)}
    </text>
  );
}

/** Words put into lines of so many letters; a word that is longer is broken. */
export function lines(text: string, letters: number): string[] {
  const words = text.split(/\s+/).flatMap((word) => word.match(new RegExp(`.{1,${letters}}`, "gu")) ?? []);
  const told: string[] = [];
  for (const word of words) {
    const last = told.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= letters) told[told.length - 1] = `${last} ${word}`;
    else told.push(word);
  }
  if (told.length <= MOST_LINES) return told;
  return [...told.slice(0, MOST_LINES - 1), `${(told[MOST_LINES - 1] ?? "").slice(0, letters - 1)}…`];
}
