// Lines in which one thing is repeated: what makes work that is not linear show.
import type { Target } from './targets.ts';

/** What readers stop at, look for or go back to. */
const PUMPS = [
  ' ',
  '\t',
  '"',
  '\\',
  '\\"',
  '""',
  '[',
  '] ',
  '[x] ',
  '{',
  '}',
  '{"',
  '{"a":',
  '{"a":{',
  '{"a":1,',
  '"a":"b",',
  '"a",',
  '[1,',
  '[{',
  '"x", ',
  '","',
  ',',
  ', ',
  ' ,',
  'a, ',
  '10.0.0.1:80, ',
  'unix:/a, ',
  '0.001, ',
  '502, ',
  '1.1.1.1 ',
  '[1.1.1.1 ',
  '"1.1.1.1 ',
  '[::1',
  '::1 ',
  '::',
  'a ',
  'a=',
  'a=b ',
  'a="',
  'a="b" ',
  'a:"b" ',
  '=',
  '-',
  ' - ',
  ':',
  ' : ',
  '0',
  '9',
  '1.',
  '.',
  '/',
  '//',
  '/a',
  '?',
  '&a=b',
  '%{',
  '%',
  '%22',
  '%[',
  '$a',
  '${',
  '\x1b[',
  '\x1b',
  '\x1b[1m',
  '\0',
  '\xff',
  '\xc3\xa9',
  "'",
  "\\'",
  '<',
  '>',
  '<1>',
  '|',
  ' | ',
  ';',
  'GET ',
  ' HTTP/1.1',
  '"GET / HTTP/1.1" ',
  '" ',
  '" 200 ',
  '[02/Jan/2026:15:04:05 +0000] ',
  '2026-01-02T15:04:05Z ',
  '02 Jan 2026 ',
  '1767366245 ',
  '12:',
  'Jan ',
  'aaaa',
  'A',
  'a.',
  'a-',
  'a_',
  '\\n',
  '\\u00',
  '\\x',
  '{\\"a\\":\\"',
  '("',
  '(',
  ')',
  '): ',
  'a: ',
  'a\tb:',
  'stdout F ',
  '[a="b"]',
  '[a',
  '{""',
  '"",',
  'status=',
  'level=',
  'at ',
  'msg="',
  'error ',
  'INFO ',
  '1.2.3.4 - - [',
  'token=',
  'token":"',
  '@',
  'a@b.',
  '1 1',
  'Bearer ',
  '://',
  '\n',
  '\r\n',
  '\n ',
  '\n#',
  'log_format ',
  '\ue000',
  '"k№":1,',
  '"k№":"x",',
  'k№=1 ',
  'k№:1\t',
  '/k№',
  'k№, ',
  '"a№":{"k№":1},',
  'a.k№',
];
/** Stands for a number that is another each time: what was seen before is remembered. */
const NUMBER = '№';
const WORDS = [1, 2, 3, 6];

export interface Case {
  readonly target: Target;
  readonly line: string;
  readonly at: number;
  readonly pump: string;
  /** Nothing follows. */
  readonly isCut: boolean;
}

/** xorshift32: the same seed gives the same run. */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed | 0 || 1;
  }

  below(limit: number): number {
    this.#state ^= this.#state << 13;
    this.#state ^= this.#state >>> 17;
    this.#state ^= this.#state << 5;
    return (this.#state >>> 0) % limit;
  }

  of<T>(list: readonly T[]): T {
    return list[this.below(list.length)];
  }
}

export function caseOf(target: Target, random: Random): Case {
  const line = random.of(target.lines);
  const edges = [...line.matchAll(/[\w.:/-]+|[^\w.:/-]+/g)].map(({ index }) => index);
  edges.push(line.length);
  const at = random.of(edges);
  let pump = random.of(PUMPS);
  if (random.below(3) === 0) {
    // a piece of the line itself, or of another
    const other = random.below(2) === 0 ? line : random.of(target.lines);
    const ends = [...other.matchAll(/[\w.:/-]+|[^\w.:/-]+/g)].map(({ index }) => index),
      from = random.below(ends.length || 1);
    pump = other.slice(ends[from], ends[from + random.of(WORDS)]) || pump;
  } else if (random.below(8) === 0) pump += random.of(PUMPS);
  return { target, line, at, pump, isCut: random.below(2) === 0 };
}

/** The line with its pump repeated until it is about so many bytes long. */
function written({ line, at, pump, isCut }: Case, bytes: number): string {
  const tail = isCut ? '' : line.slice(at),
    length = bytes - at - tail.length;
  if (!pump.includes(NUMBER))
    return line.slice(0, at) + pump.repeat(Math.max(1, Math.floor(length / pump.length))) + tail;
  let middle = '';
  do middle += pump.replaceAll(NUMBER, String(++numbered));
  while (middle.length < length);
  return line.slice(0, at) + middle + tail;
}

let numbered = 0;

/** ms that one reading of so long a line takes, the least of `runs`. */
export function msOf(found: Case, length: number, read: ReturnType<Target['open']>, runs: number): number {
  let least = Infinity;
  for (let i = 0; i < runs; i++) {
    const bytes = Buffer.from(written(found, length), 'latin1'),
      text = bytes.toString('latin1');
    const began = performance.now();
    read(bytes, text);
    least = Math.min(least, performance.now() - began);
  }
  return least;
}

export const described = ({ target, line, at, pump, isCut }: Case): string =>
  `${target.name}: ${JSON.stringify(line.slice(Math.max(0, at - 60), at))} + ${JSON.stringify(pump)} repeated${isCut ? '' : ` + ${JSON.stringify(line.slice(at, at + 40))}`}`;
