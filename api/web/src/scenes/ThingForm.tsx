// What the chosen zone, turn or set of ground points says, to be read and typed.

import { useEffect, useState } from "react";
import { Button } from "react-aria-components";
import { useWords } from "../words/words";
import {
  type CalendarEntry, changeTurn, changeZone, type Chosen, CLASSES, clockText, DAYS, LIMITED, type Point, pointsFrom, pointsText,
  remove, type Scene, type Turn, TURN_KINDS, type Zone, ZONE_KINDS,
} from "./scene";
import css from "./scenes.module.css";

interface Props {
  scene: Scene;
  chosen: Chosen;
  onChange: (scene: Scene) => void;
  onChoose: (chosen: Chosen) => void;
}

export function ThingForm({ scene, chosen, onChange, onChoose }: Props) {
  const { t } = useWords();
  if (!chosen) return <p className="quiet">{t("scene_hint")}</p>;
  const drop = () => {
    onChange(remove(scene, chosen));
    onChoose(null);
  };
  return (
    <div className={css.form} id="thing">
      {chosen.what === "ground" ? <GroundForm scene={scene} onChange={onChange} /> : <BoundForm scene={scene} chosen={chosen} onChange={onChange} />}
      <Button id="drop" onPress={drop}>{t("scene_remove")}</Button>
    </div>
  );
}

interface BoundProps {
  scene: Scene;
  chosen: { what: "zone" | "turn"; index: number };
  onChange: (scene: Scene) => void;
}

function BoundForm({ scene, chosen, onChange }: BoundProps) {
  const { t, say } = useWords();
  const isZone = chosen.what === "zone";
  const thing = isZone ? scene.zones?.[chosen.index] : scene.turns?.[chosen.index];
  if (!thing) return null;
  const change = (fields: Partial<Zone> & Partial<Turn>) =>
    onChange(isZone ? changeZone(scene, chosen.index, fields) : changeTurn(scene, chosen.index, fields));
  const zone = isZone ? (thing as Zone) : null;
  const turn = isZone ? null : (thing as Turn);
  return (
    <>
      <label><span>{t("scene_id")}</span>
        <input id="thing-id" value={thing.id} onChange={(event) => change({ id: event.target.value })} />
      </label>
      <label><span>{t("scene_kind")}</span>
        <select id="thing-kind" value={thing.kind} onChange={(event) => change({ kind: event.target.value })}>
          {(isZone ? ZONE_KINDS : TURN_KINDS).map((kind) => <option key={kind} value={kind}>{say("zones", kind)}</option>)}
        </select>
      </label>
      {zone && LIMITED.has(zone.kind) && (
        <label><span>{t("scene_limit")}</span>
          <input id="thing-limit" type="number" min={1} value={zone.limit_s ?? ""} placeholder={t("scene_default")}
            onChange={(event) => change({ limit_s: event.target.value ? event.target.valueAsNumber : undefined })} />
        </label>
      )}
      {zone?.kind === "one_way" && (
        <Tick label={t("scene_one_way_street")} on={zone.one_way_street ?? false} onChange={(on) => change({ one_way_street: on })} />
      )}
      <label><span>{t("scene_sign")}</span>
        <input value={thing.sign?.code ?? ""} placeholder="P.102"
          onChange={(event) => change({ sign: event.target.value ? { ...thing.sign, code: event.target.value } : undefined })} />
      </label>
      <fieldset><legend>{t("scene_classes")}</legend>
        {CLASSES.map((name) => (
          <Tick key={name} label={say("vehicles", name)} on={thing.classes?.includes(name) ?? false}
            onChange={(on) => change({ classes: toggled(thing.classes ?? [], name, on) })} />
        ))}
      </fieldset>
      <Tick label={t("scene_reminder_only")} on={thing.reminder_only ?? false} onChange={(on) => change({ reminder_only: on || undefined })} />
      <Calendar entries={thing.calendar ?? []} onChange={(calendar) => change({ calendar: calendar.length ? calendar : undefined })} />
      {zone && <Points label={t("scene_points")} points={zone.polygon} least={3} onChange={(polygon) => change({ polygon })} />}
      {zone?.direction && (
        <Points label={t("scene_direction")} points={zone.direction} least={2} most={2} onChange={([from, to]) => from && to && change({ direction: [from, to] })} />
      )}
      {turn && (["enter", "leave"] as const).map((gate) => (
        <Points key={gate} label={t(`scene_${gate}`)} points={turn[gate]} least={2} most={2}
          onChange={([from, to]) => from && to && change({ [gate]: [from, to] })} />
      ))}
    </>
  );
}

function toggled(list: string[], name: string, on: boolean): string[] | undefined {
  const changed = on ? [...list, name] : list.filter((one) => one !== name);
  return changed.length ? changed : undefined;
}

function Tick({ label, on, onChange }: { label: string; on: boolean; onChange: (on: boolean) => void }) {
  return (
    <label className={css.tick}>
      <input type="checkbox" checked={on} onChange={(event) => onChange(event.target.checked)} /><span>{label}</span>
    </label>
  );
}

function Calendar({ entries, onChange }: { entries: CalendarEntry[]; onChange: (entries: CalendarEntry[]) => void }) {
  const { t, say } = useWords();
  const set = (place: number, change: CalendarEntry) =>
    onChange(entries.map((entry, index) => (index === place ? { ...entry, ...change } : entry)));
  return (
    <fieldset><legend>{t("scene_calendar")}</legend>
      {entries.length === 0 && <span className="quiet">{t("scene_always")}</span>}
      {entries.map((entry, place) => (
        <div key={place} className={css.entry}>
          {DAYS.map((day) => (
            <Tick key={day} label={say("days", day)} on={(entry.days ?? DAYS).includes(day)}
              onChange={(on) => set(place, { days: DAYS.filter((one) => (one === day ? on : (entry.days ?? DAYS).includes(one))) })} />
          ))}
          <input aria-label={t("from_hour")} value={clockText(entry.from, "00:00")} size={5} onChange={(event) => set(place, { from: event.target.value })} />
          <input aria-label={t("to_hour")} value={clockText(entry.to, "24:00")} size={5} onChange={(event) => set(place, { to: event.target.value })} />
          <Button onPress={() => onChange(entries.filter((_one, index) => index !== place))}>{t("scene_remove")}</Button>
        </div>
      ))}
      <Button onPress={() => onChange([...entries, { from: "06:00", to: "22:00" }])}>{t("scene_add_hours")}</Button>
    </fieldset>
  );
}

interface PointsProps {
  label: string;
  points: Point[];
  least: number;
  most?: number;
  onChange: (points: Point[]) => void;
}

function Points({ label, points, least, most, onChange }: PointsProps) {
  const [text, setText] = useState(pointsText(points));
  useEffect(() => setText(pointsText(points)), [points]);
  const read = pointsFrom(text);
  const good = read !== null && read.length >= least && read.length <= (most ?? Number.POSITIVE_INFINITY);
  return (
    <label><span>{label}</span>
      <textarea rows={Math.min(points.length + 1, 6)} value={text} aria-invalid={!good} onChange={(event) => setText(event.target.value)}
        onBlur={() => (good ? onChange(read) : setText(pointsText(points)))} />
    </label>
  );
}

function GroundForm({ scene, onChange }: { scene: Scene; onChange: (scene: Scene) => void }) {
  const { t } = useWords();
  const ground = scene.ground ?? { px: [], m: [] };
  const set = (place: number, axis: 0 | 1, value: number) => {
    if (!Number.isFinite(value)) return;
    const m = ground.m.map((point, index): Point => (index === place ? (axis ? [point[0], value] : [value, point[1]]) : point));
    onChange({ ...scene, ground: { ...ground, m } });
  };
  const drop = (place: number) => {
    const keep = (_point: Point, index: number) => index !== place;
    onChange({ ...scene, ground: { px: ground.px.filter(keep), m: ground.m.filter(keep) } });
  };
  return (
    <table id="ground" aria-label={t("scene_ground")}>
      <thead><tr><th scope="col">#</th><th scope="col">{t("scene_px")}</th><th scope="col">x (m)</th><th scope="col">y (m)</th><th scope="col">{t("scene_remove")}</th></tr></thead>
      <tbody>
        {ground.px.map((point, place) => (
          <tr key={place}>
            <td>{place + 1}</td><td>{point.join(", ")}</td>
            {([0, 1] as const).map((axis) => (
              <td key={axis}>
                <input type="number" step="0.1" aria-label={`${place + 1} ${axis ? "y" : "x"} (m)`} value={ground.m[place]?.[axis] ?? 0}
                  onChange={(event) => set(place, axis, event.target.valueAsNumber)} />
              </td>
            ))}
            <td><Button aria-label={`${t("scene_remove")} ${place + 1}`} onPress={() => drop(place)}>×</Button></td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
