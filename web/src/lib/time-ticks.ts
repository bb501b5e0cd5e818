// Where a time axis has its labels: round times of the chosen zone, as many as fit.
import { dayText, minuteTime, clockTime } from './format.ts';

const STEPS = [
  10, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400, 172_800, 604_800, 2_592_000,
  7_776_000, 31_536_000,
].map((s) => s * 1000);

export function timeTicks(from: number, to: number, most: number, utc: boolean): { at: number; text: string }[] {
  const step = STEPS.find((s) => (to - from) / s <= most) ?? STEPS.at(-1)!;
  // Offset of the zone at the range's start: days and hours begin where the reader's do.
  const zone = utc ? 0 : -new Date(from).getTimezoneOffset() * 60_000;
  const out: { at: number; text: string }[] = [];
  for (let at = Math.ceil((from + zone) / step) * step - zone; at <= to; at += step) {
    const midnight = (at + zone) % 86_400_000 === 0;
    out.push({
      at,
      text:
        step >= 86_400_000 || (midnight && to - from > 43_200_000)
          ? dayText(at, utc)
          : step < 60_000
            ? clockTime(at, utc)
            : minuteTime(at, utc),
    });
  }
  return out;
}
