// Where in a line the numbers stand that were read from it. The server says it for texts; a status, a size or a time is placed here,
// and only where the line leaves one possibility.
import type { ParsedLine } from '#shared/api.ts';

type Field = ParsedLine['fields'][number];

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
//                 23    /Nov        /2026    :01   :58   :02    .123          +0000
const CLF = /(\d{1,2})\/([A-Z][a-z]{2})\/(\d{4}):(\d\d):(\d\d):(\d\d)(?:\.\d+)?(?: ([+-]\d\d):?(\d\d))?/g;
const ISO = /\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d+)?(?:Z|[+-]\d\d:?\d\d)?/g;
const EPOCH = /(?<![\d.])\d{10}(?:\.\d+|\d{3}(?:\d{3}){0,2})?(?![\d.])/g;

const secondOf: readonly [RegExp, (m: RegExpMatchArray) => number][] = [
  [
    CLF,
    (m) =>
      Date.parse(
        `${m[3]}-${String(MONTHS.indexOf(m[2]) + 1).padStart(2, '0')}-${m[1].padStart(2, '0')}T${m[4]}:${m[5]}:${m[6]}${m[7] ? `${m[7]}:${m[8]}` : 'Z'}`,
      ) / 1000,
  ],
  [
    ISO,
    (m) =>
      Date.parse(
        /(?:Z|[+-]\d\d:?\d\d)$/.test(m[0]) ? m[0].replace(',', '.') : `${m[0].replace(' ', 'T').replace(',', '.')}Z`,
      ) / 1000,
  ],
  [EPOCH, (m) => Number(m[0].slice(0, 10))],
];

/** The fields, with a range added where it is certain. */
export function locate(text: string, fields: readonly Field[]): Field[] {
  const taken = fields.flatMap((f) => (f.from !== null && f.to !== null ? [[f.from, f.to]] : []));
  const free = (from: number, to: number) => taken.every(([a, b]) => to <= a || from >= b);
  return fields.map((field) => {
    if (field.from !== null) return field;
    const found =
      field.name === 'time'
        ? times(text, field.value)
        : field.name === 'duration'
          ? durations(text, parseFloat(field.value))
          : ['code', 'bytes'].includes(field.name)
            ? tokens(text, field.value)
            : [];
    const open = found.filter(([from, to]) => free(from, to));
    if (open.length !== 1) return field;
    const [[from, to]] = open;
    taken.push([from, to]);
    return { ...field, from, to };
  });
}

function times(text: string, value: string): [number, number][] {
  const second = Math.floor(Date.parse(value) / 1000);
  return secondOf.flatMap(([pattern, read]) =>
    [...text.matchAll(pattern)]
      .filter((m) => Math.floor(read(m)) === second)
      .map((m): [number, number] => [m.index, m.index + m[0].length]),
  );
}

/** A number that is so long in s, ms, µs or ns. */
function durations(text: string, ms: number): [number, number][] {
  return [...text.matchAll(/(?<![\w.:-])\d+(?:\.\d+)?(?=(?:s|ms|us|µs|ns)?(?![\w.:]))/g)]
    .filter((m) => [1e3, 1, 1e-3, 1e-6].some((unit) => Math.abs(Number(m[0]) * unit - ms) < ms * 1e-9))
    .map((m): [number, number] => [m.index, m.index + m[0].length]);
}

function tokens(text: string, value: string): [number, number][] {
  const out: [number, number][] = [];
  for (let at = text.indexOf(value); at >= 0; at = text.indexOf(value, at + 1)) {
    if (!/[\w.]/.test(text[at - 1] ?? ' ') && !/[\w.]/.test(text[at + value.length] ?? ' '))
      out.push([at, at + value.length]);
  }
  return out;
}
