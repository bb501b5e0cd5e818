// The syntax of a JavaScript regular expression as a tree: as much of it as this project writes; anything else throws.

export type Regexp =
  /** One character out of these code units: pairs of first and last. */
  | { kind: 'char'; ranges: readonly (readonly [number, number])[] }
  | { kind: 'row'; parts: readonly Regexp[] }
  | { kind: 'choice'; parts: readonly Regexp[] }
  | { kind: 'repeat'; inner: Regexp; min: number; max: number }
  | { kind: 'group'; inner: Regexp; number: number; name?: string }
  | { kind: 'same'; as: number | string }
  | { kind: 'begin' }
  | { kind: 'end' }
  | { kind: 'edge' }
  | { kind: 'look'; inner: Regexp; behind: boolean; negated: boolean };

type Ranges = [number, number][];
const LAST = 0xffff;
const DIGIT: Ranges = [[48, 57]],
  WORD: Ranges = [
    [48, 57],
    [65, 90],
    [95, 95],
    [97, 122],
  ];
const BLANK: Ranges = [
  [9, 13],
  [32, 32],
  [0xa0, 0xa0],
  [0x1680, 0x1680],
  [0x2000, 0x200a],
  [0x2028, 0x2029],
  [0x202f, 0x202f],
  [0x205f, 0x205f],
  [0x3000, 0x3000],
  [0xfeff, 0xfeff],
];
const NEWLINE: Ranges = [
  [10, 10],
  [13, 13],
  [0x2028, 0x2029],
];
const CONTROLS: Readonly<Record<string, number>> = { n: 10, r: 13, t: 9, v: 11, f: 12, 0: 0, b: 8 };

export function inverted(ranges: readonly (readonly [number, number])[]): Ranges {
  const out: Ranges = [];
  let next = 0;
  for (const [first, last] of ranges.toSorted((a, b) => a[0] - b[0])) {
    if (first > next) out.push([next, first - 1]);
    next = Math.max(next, last + 1);
  }
  if (next <= LAST) out.push([next, LAST]);
  return out;
}

export class RegexpParser {
  readonly #text: string;
  readonly #flags: string;
  #at = 0;
  #groups = 0;

  constructor(source: string, flags: string) {
    this.#text = source;
    this.#flags = flags;
  }

  parse(): Regexp {
    const tree = this.#choice();
    if (this.#at < this.#text.length) this.#fail();
    return tree;
  }

  #fail(): never {
    throw new SyntaxError(`cannot read /${this.#text}/ at ${this.#at}`);
  }

  #take(text: string): boolean {
    if (!this.#text.startsWith(text, this.#at)) return false;
    this.#at += text.length;
    return true;
  }

  #choice(): Regexp {
    const parts = [this.#row()];
    while (this.#take('|')) parts.push(this.#row());
    return parts.length === 1 ? parts[0] : { kind: 'choice', parts };
  }

  #row(): Regexp {
    const parts: Regexp[] = [];
    while (this.#at < this.#text.length && this.#text[this.#at] !== '|' && this.#text[this.#at] !== ')')
      parts.push(this.#repeated(this.#atom()));
    return { kind: 'row', parts };
  }

  #repeated(inner: Regexp): Regexp {
    const [whole, min, comma, max] = /^\{(\d+)(,?)(\d*)\}/.exec(this.#text.slice(this.#at, this.#at + 16)) ?? [];
    let bounds: [number, number];
    if (whole !== undefined) {
      this.#at += whole.length;
      bounds = [Number(min), comma === '' ? Number(min) : max === '' ? Infinity : Number(max)];
    } else if (this.#take('*')) bounds = [0, Infinity];
    else if (this.#take('+')) bounds = [1, Infinity];
    else if (this.#take('?')) bounds = [0, 1];
    else return inner;
    this.#take('?'); // a lazy one tries the same paths in another order
    return { kind: 'repeat', inner, min: bounds[0], max: bounds[1] };
  }

  #atom(): Regexp {
    if (this.#take('(')) return this.#group();
    if (this.#take('[')) return { kind: 'char', ranges: this.#folded(this.#set()) };
    if (this.#take('^')) return { kind: 'begin' };
    if (this.#take('$')) return { kind: 'end' };
    if (this.#take('.')) return { kind: 'char', ranges: this.#flags.includes('s') ? [[0, LAST]] : inverted(NEWLINE) };
    if (this.#take('\\')) return this.#escape();
    const c = this.#text.charCodeAt(this.#at++);
    return { kind: 'char', ranges: this.#folded([[c, c]]) };
  }

  #group(): Regexp {
    if (this.#take('?:')) return this.#closed(this.#choice());
    for (const sign of ['?=', '?!', '?<=', '?<!']) {
      if (this.#take(sign))
        return {
          kind: 'look',
          inner: this.#closed(this.#choice()),
          behind: sign[1] === '<',
          negated: sign.endsWith('!'),
        };
    }
    const number = ++this.#groups;
    let name: string | undefined;
    if (this.#take('?<')) {
      const end = this.#text.indexOf('>', this.#at);
      name = this.#text.slice(this.#at, end);
      this.#at = end + 1;
    }
    return { kind: 'group', inner: this.#closed(this.#choice()), number, name };
  }

  #closed(inner: Regexp): Regexp {
    return this.#take(')') ? inner : this.#fail();
  }

  #escape(): Regexp {
    if (this.#take('b') || this.#take('B')) return { kind: 'edge' };
    const digits = /^[1-9]\d*/.exec(this.#text.slice(this.#at, this.#at + 3))?.[0];
    if (digits !== undefined) {
      this.#at += digits.length;
      return { kind: 'same', as: Number(digits) };
    }
    return { kind: 'char', ranges: this.#folded(this.#escaped()) };
  }

  /** What stands behind a backslash, in a class or out of one. */
  #escaped(): Ranges {
    const c = this.#text[this.#at++];
    switch (c) {
      case 'd':
        return DIGIT;
      case 'D':
        return inverted(DIGIT);
      case 'w':
        return WORD;
      case 'W':
        return inverted(WORD);
      case 's':
        return BLANK;
      case 'S':
        return inverted(BLANK);
      case 'x':
      case 'u': {
        const length = c === 'x' ? 2 : 4,
          n = parseInt(this.#text.slice(this.#at, this.#at + length), 16);
        if (Number.isNaN(n)) this.#fail();
        this.#at += length;
        return [[n, n]];
      }
    }
    if (/[a-zA-Z]/.test(c) && !(c in CONTROLS)) this.#fail();
    const n = CONTROLS[c] ?? c.charCodeAt(0);
    return [[n, n]];
  }

  #set(): Ranges {
    const negated = this.#take('^');
    const ranges: Ranges = [];
    while (!this.#take(']')) {
      if (this.#at >= this.#text.length) this.#fail();
      const first = this.#member();
      const isRange =
        this.#text[this.#at] === '-' &&
        this.#text[this.#at + 1] !== ']' &&
        first.length === 1 &&
        first[0][0] === first[0][1];
      if (!isRange) ranges.push(...first);
      else {
        this.#at++;
        ranges.push([first[0][0], this.#member()[0][1]]);
      }
    }
    return negated ? inverted(this.#flags.includes('i') ? this.#folded(ranges) : ranges) : ranges;
  }

  #member(): Ranges {
    if (this.#take('\\')) return this.#escaped();
    const c = this.#text.charCodeAt(this.#at++);
    return [[c, c]];
  }

  /** With `i`, a letter is the other case's too. */
  #folded(ranges: Ranges): Ranges {
    if (!this.#flags.includes('i')) return ranges;
    const shifted = (from: number, to: number, by: number): Ranges =>
      ranges
        .map(([first, last]): [number, number] => [Math.max(first, from) + by, Math.min(last, to) + by])
        .filter(([first, last]) => first <= last);
    return [...ranges, ...shifted(65, 90, 32), ...shifted(97, 122, -32)];
  }
}
