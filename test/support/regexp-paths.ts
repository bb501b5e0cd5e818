// Is a regular expression linear in what it is tried on, whatever that is? V8 goes through the ways of reading a text one after the
// other, beginning at each character. Their number grows faster than the text exactly when there are two places p and q in the expression
// and a text w that leads from p back to p, from q back to q, and from p to q (Weber & Seidl, "On the degree of ambiguity of finite
// automata"): then w, repeated, is read in as many ways as it stands there. The search for a beginning is one such place.
import { inverted, RegexpParser, type Regexp } from './regexp-parser.ts';

interface State {
  /** Undefined: nothing is read here. */
  readonly ranges?: readonly (readonly [number, number])[];
  readonly next: number[];
  /** The first way on is another round. */
  readonly isLoop?: boolean;
}

/** More alternatives than anybody writes; what is repeated a few times is written out. */
const COPIES_MAX = 3;
const ANY = [[0, 0xffff]] as const;

/** How an anchor is to be taken: passed, impossible. */
type Begin = 'open' | 'shut';

class Automaton {
  readonly states: State[] = [];
  readonly accept: number;
  /** Assertions: passing them is no success yet. */
  readonly doubts = new Set<number>();
  readonly #groups = new Map<number | string, Regexp>();

  constructor(tree: Regexp, flags: string) {
    this.accept = this.#state();
    this.#collect(tree);
    const multiline = flags.includes('m');
    const search = this.#state(ANY); // reads what stands before a match
    this.start = this.#state();
    this.states[this.start].next.push(this.#build(tree, this.accept, 'open'));
    if (flags.includes('y')) return;
    this.states[this.start].next.push(search);
    this.states[search].next.push(search);
    const before = notBehind(tree);
    if (before === undefined) this.states[search].next.push(this.#build(tree, this.accept, 'shut'));
    else {
      const edge = this.#state(before);
      this.states[this.start].next.push(edge);
      this.states[search].next.push(edge);
      this.states[edge].next.push(this.#build(tree, this.accept, 'shut'));
    }
    if (!multiline) return;
    const newline = this.#state([
      [10, 10],
      [13, 13],
      [0x2028, 0x2029],
    ]);
    this.states[this.start].next.push(newline);
    this.states[search].next.push(newline);
    this.states[newline].next.push(this.#build(tree, this.accept, 'open'));
  }

  readonly start: number;

  #state(ranges?: State['ranges']): number {
    return this.states.push({ ranges, next: [] }) - 1;
  }

  #collect(tree: Regexp): void {
    if (tree.kind === 'group') {
      this.#groups.set(tree.number, tree.inner);
      if (tree.name !== undefined) this.#groups.set(tree.name, tree.inner);
    }
    if ('inner' in tree) this.#collect(tree.inner);
    else if ('parts' in tree) for (const part of tree.parts) this.#collect(part);
  }

  /** The state from which `tree` is read before going on to `to`. */
  #build(tree: Regexp, to: number, begin: Begin): number {
    switch (tree.kind) {
      case 'char': {
        const state = this.#state(tree.ranges);
        this.states[state].next.push(to);
        return state;
      }
      case 'row':
        return tree.parts.reduceRight(
          (next, part, i) => this.#build(part, next, i > 0 && tree.parts.slice(0, i).some(reads) ? 'open' : begin),
          to,
        );
      case 'choice': {
        const state = this.#state();
        for (const part of tree.parts) this.states[state].next.push(this.#build(part, to, begin));
        return state;
      }
      case 'group':
        return this.#build(tree.inner, to, begin);
      case 'same':
        return this.#build(this.#groups.get(tree.as)!, to, begin);
      case 'begin': {
        if (begin === 'shut') return this.#state();
        return this.#doubt(to);
      }
      case 'end':
      case 'edge':
        return this.#doubt(to);
      case 'look': {
        if (tree.behind) return this.#doubt(to);
        const state = this.#doubt(to);
        this.states[state].next.push(this.#build(tree.inner, this.#state(), begin)); // read, and read again by what follows
        return state;
      }
      case 'repeat':
        return this.#repeat(tree, to, begin);
    }
  }

  #doubt(to: number): number {
    const state = this.#state();
    this.states[state].next.push(to);
    this.doubts.add(state);
    return state;
  }

  #repeat({ inner, min, max }: Regexp & { kind: 'repeat' }, to: number, begin: Begin): number {
    let next = to;
    if (max === Infinity) {
      const loop = this.states.push({ next: [], isLoop: true }) - 1;
      this.states[loop].next.push(this.#build(inner, loop, begin), to);
      next = loop;
    } else {
      // of many, a few: a bound makes the work larger, not of another order
      for (let i = Math.min(max - min, COPIES_MAX); i > 0; i--) {
        const maybe = this.#state();
        this.states[maybe].next.push(this.#build(inner, next, begin), to);
        next = maybe;
      }
    }
    for (let i = Math.min(min, COPIES_MAX); i > 0; i--) next = this.#build(inner, next, begin);
    return next;
  }
}

/** What may stand before an expression that begins with `(?<!x)`: it begins at few places, then. */
function notBehind(tree: Regexp): State['ranges'] {
  const first = tree.kind === 'row' ? tree.parts[0] : undefined;
  if (first?.kind !== 'look' || !first.behind || !first.negated) return undefined;
  const { inner } = first,
    char = inner.kind === 'row' && inner.parts.length === 1 ? inner.parts[0] : inner;
  return char.kind === 'char' ? inverted(char.ranges) : undefined;
}

/** Does it read a character at least? */
function reads(tree: Regexp): boolean {
  switch (tree.kind) {
    case 'char':
      return true;
    case 'row':
      return tree.parts.some(reads);
    case 'choice':
      return tree.parts.every(reads);
    case 'group':
      return reads(tree.inner);
    case 'repeat':
      return tree.min > 0 && reads(tree.inner);
    default:
      return false;
  }
}

/** A reading state with the reading states that follow it, and in how many ways. */
interface Edge {
  to: number;
  ways: number;
}

/** Why the expression is not provably linear, as a text that makes it slow; undefined when it is linear. Throws on syntax it does not know. */
export function slowText(source: string, flags = ''): string | undefined {
  const automaton = new Automaton(new RegexpParser(source, flags).parse(), flags);
  const { states, accept, doubts } = automaton;
  const edges = states.map((state) => (state.ranges === undefined ? [] : edgesOf(states, state.next)));
  const reach = states.map((_, i) => reachable(edges, i));
  const loops = [...states.keys()].filter((i) => reach[i].has(i));
  // Where nothing more is needed for a match, none is tried again; nor where each round passes such a place.
  const done = new Set(loops.filter((i) => succeeds(states, accept, doubts, i)));
  const open = edges.map((list, i) => (done.has(i) ? [] : list.filter(({ to }) => !done.has(to))));
  const settled = new Set(loops.filter((i) => done.has(i) || !reachable(open, i).has(i)));
  const readers = new Set(reachable([...edges, edgesOf(states, [automaton.start])], edges.length));
  const samples = samplesOf(states);
  for (const p of loops) {
    if (!readers.has(p)) continue;
    // two ways from one character to the next inside of a loop: (a*)*
    const twice = edges[p].find(({ to, ways }) => ways > 1 && reach[to].has(p));
    if (twice !== undefined && !settled.has(p)) return textOf(samples.filter((c) => has(states[p], c)).slice(0, 1));
    for (const q of loops) {
      if (p === q || !reach[p].has(q) || settled.has(q)) continue;
      const text = commonText(states, edges, reach, samples, p, q);
      if (text !== undefined) return text;
    }
  }
  return undefined;
}

const textOf = (codes: readonly number[]): string => String.fromCharCode(...codes);
const has = ({ ranges }: State, c: number): boolean => ranges!.some(([first, last]) => c >= first && c <= last);

/** Is it a match once this is read, whatever follows? */
function succeeds(states: readonly State[], accept: number, doubts: ReadonlySet<number>, from: number): boolean {
  const seen = new Set<number>();
  const go = (i: number): boolean => {
    if (i === accept) return true;
    if (seen.has(i) || states[i].ranges !== undefined || doubts.has(i)) return false;
    seen.add(i);
    return states[i].next.some(go);
  };
  return states[from].next.some(go);
}

function edgesOf(states: readonly State[], from: readonly number[]): Edge[] {
  const ways = new Map<number, number>();
  // a round in which nothing is read is none: JavaScript goes on behind the loop
  const go = (i: number, rounds: ReadonlySet<number>): void => {
    const { ranges, next, isLoop } = states[i];
    if (ranges !== undefined) ways.set(i, (ways.get(i) ?? 0) + 1);
    else if (!rounds.has(i))
      for (const [k, to] of next.entries()) go(to, isLoop === true && k === 0 ? new Set(rounds).add(i) : rounds);
  };
  for (const i of from) go(i, new Set());
  return [...ways].map(([to, count]) => ({ to, ways: count }));
}

function reachable(edges: readonly Edge[][], from: number): Set<number> {
  const seen = new Set<number>(),
    open = edges[from].map(({ to }) => to);
  for (let i = open.pop(); i !== undefined; i = open.pop()) {
    if (seen.has(i)) continue;
    seen.add(i);
    open.push(...edges[i].map(({ to }) => to));
  }
  return seen;
}

/** One character of each kind that the expression tells apart. */
function samplesOf(states: readonly State[]): number[] {
  const cuts = new Set<number>([0]);
  for (const { ranges = [] } of states) for (const [first, last] of ranges) cuts.add(first).add(last + 1);
  return [...cuts].filter((c) => c <= 0xffff).sort((a, b) => Number(isPlain(b)) - Number(isPlain(a)) || a - b);
}

const isPlain = (c: number): boolean => c > 0x20 && c < 0x7f;

/** A text that leads from p to p, from p to q and from q to q. (A state is where its character is read next.) */
function commonText(
  states: readonly State[],
  edges: readonly Edge[][],
  reach: readonly ReadonlySet<number>[],
  samples: readonly number[],
  p: number,
  q: number,
): string | undefined {
  const size = states.length;
  const seen = new Map<number, { from: number; char: number }>();
  let open = [(p * size + p) * size + q];
  const goal = (p * size + q) * size + q;
  for (let first = true; open.length > 0; first = false) {
    const next: number[] = [];
    for (const triple of open) {
      const a = Math.floor(triple / size / size),
        b = Math.floor(triple / size) % size,
        c = triple % size;
      if (!first && triple === goal) return trace(seen, goal, (p * size + p) * size + q);
      const char = samples.find((s) => has(states[a], s) && has(states[b], s) && has(states[c], s));
      if (char === undefined) continue;
      for (const { to: x } of edges[a])
        if (x === p || reach[x].has(p))
          for (const { to: y } of edges[b])
            if (y === q || reach[y].has(q))
              for (const { to: z } of edges[c])
                if (z === q || reach[z].has(q)) {
                  const to = (x * size + y) * size + z;
                  if (seen.has(to)) continue;
                  seen.set(to, { from: triple, char });
                  next.push(to);
                }
    }
    open = next;
  }
  return undefined;
}

function trace(seen: ReadonlyMap<number, { from: number; char: number }>, goal: number, start: number): string {
  const chars: number[] = [];
  for (let at = goal; ;) {
    const { from, char } = seen.get(at)!;
    chars.unshift(char);
    if (from === start) return textOf(chars);
    at = from;
  }
}
