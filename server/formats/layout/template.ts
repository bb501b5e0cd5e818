// What a declared format comes down to, in whatever language it was written: literals with fields between them.
import { expanded } from '../bytes/strptime.ts';

/** What is done with a field's bytes. */
export type Use =
  | { as: 'nothing'; list?: boolean }
  | { as: 'status' }
  | { as: 'size' }
  | { as: 'duration'; unitMs: number }
  | { as: 'request' }
  | { as: 'method' }
  | { as: 'url' }
  | { as: 'client' }
  | { as: 'host' }
  | { as: 'service' }
  | { as: 'clf' }
  | { as: 'iso' }
  | { as: 'epoch' }
  | { as: 'strptime'; format: string }
  /** A time in any notation, or none. */
  | { as: 'time' }
  /** Evidence, kept as written; a list may hold ", " and " : ". */
  | { as: 'evidence'; field: Evidence; list: boolean };
export type Evidence =
  | 'upstream'
  | 'upstreamStatus'
  | 'connectTime'
  | 'headerTime'
  | 'responseTime'
  | 'upstreamBytes'
  | 'upstreamLength'
  | 'limit'
  | 'userAgent'
  | 'flags'
  | 'details'
  | 'result'
  | 'retries'
  | 'termination'
  | 'timers'
  | 'route';

/** Nobody reads the field. */
export const NOTHING: Use = { as: 'nothing' };
export const evidence = (field: Evidence): Use => ({ as: 'evidence', field, list: false });
export const evidenceList = (field: Evidence): Use => ({ as: 'evidence', field, list: true });

/** A field and the literal after it ('' at the line's end). */
export interface Slot {
  /** As the format calls it: `$status`. For messages. */
  name: string;
  use: Use;
  literal: string;
  /** The literal is the beginning of the next field (`$host$request_uri`: the slash). */
  overlap?: boolean;
  /** Blanks may stand before the value, to fill a width. */
  padded?: boolean;
}

export interface Template {
  /** What stands before the first field. */
  prefix: string;
  slots: readonly Slot[];
  /** Values are JSON strings: backslash escapes are undone. */
  json?: boolean;
  /** How the same format may be written, too. */
  otherwise?: Template;
  /** ms per unit of connect, header and response times; 1000 unless said. */
  timeUnitMs?: number;
}

/**
 * A template of these slots, or why none can be: fields with nothing between them are one (`$uri$is_args$args`), unless the second is
 * a path, which begins with a slash.
 */
export function templateOf(prefix: string, slots: readonly Slot[], json = false): Template | string {
  const out: Slot[] = [];
  for (const slot of slots.flatMap(partsOfTime)) {
    const last = out.at(-1);
    if (last === undefined || last.literal !== '') out.push({ ...slot });
    else if (slot.use.as === 'url' && last.use.as !== 'url') {
      last.literal = '/';
      last.overlap = true;
      out.push({ ...slot });
    } else if (slot.use.as === 'status' || last.use.as === 'status')
      return `nothing stands between ${last.name} and ${slot.name}: the status cannot be told apart`;
    else last.literal = slot.literal;
  }
  return { prefix, slots: out, json };
}

/** Does one of the slots say the same already? The first is read. */
export const isSaid = (slots: readonly Slot[], use: Use): boolean =>
  use.as !== 'nothing' &&
  use.as !== 'strptime' &&
  slots.some(
    (slot) =>
      slot.use.as === use.as && (use.as !== 'evidence' || (slot.use.as === 'evidence' && slot.use.field === use.field)),
  );

/** A field ends where its literal begins: a time that holds the literal itself (`%d/%b/%Y %T` before a blank) is several fields. */
function partsOfTime(slot: Slot): Slot[] {
  const { name, use, literal } = slot;
  if (use.as !== 'strptime' || literal === '') return [slot];
  const parts = expanded(use.format).split(literal[0]);
  return parts.map((format, i) => ({
    name,
    use: { as: 'strptime', format },
    literal: i === parts.length - 1 ? literal : literal[0],
  }));
}
