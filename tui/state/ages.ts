/** Ages on the screen, such as `5 min ago`: when the next of their texts changes. Pure. */
import { anyView } from '../views/all.ts';
import type { State } from './state.ts';

const secondMs = 1000;
const minuteMs = 60 * secondMs;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;

/** Unix time at which a text that is shown now changes though nothing happens; undefined: never. */
export function nextTextMs(state: State): number | undefined {
  const { link, nowMs, view } = state;
  const ends = (anyView(view).ages?.(state) ?? []).map((sinceMs) => nextAgeMs(sinceMs, nowMs));
  if (link.state === 'lost' && link.heardMs > 0) {
    const seconds = nowMs - link.heardMs < minuteMs;
    ends.push(seconds ? after(link.heardMs, nowMs, secondMs) : nextAgeMs(link.heardMs, nowMs));
  }
  return ends.length === 0 ? undefined : Math.min(...ends);
}

/** As `formatAge` writes it: in minutes, from an hour on in hours, from two days on in days. */
export function nextAgeMs(sinceMs: number, nowMs: number): number {
  const ageMs = nowMs - sinceMs;
  return after(sinceMs, nowMs, ageMs < hourMs ? minuteMs : ageMs < 2 * dayMs ? hourMs : dayMs);
}

/** The end of the unit that has begun. */
function after(sinceMs: number, nowMs: number, unitMs: number): number {
  const ageMs = Math.max(0, nowMs - sinceMs);
  return sinceMs + (Math.floor(ageMs / unitMs) + 1) * unitMs;
}
