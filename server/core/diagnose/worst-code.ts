// Which code of a stream to explain when nobody said one: what hurts users most, then what is most frequent.

export interface CodeCount {
  code: number;
  hits: number;
  faulty: number;
}

/** Server failures before limits and abandonments, those before refusals, those before redirects that lose the method. */
function rank({ code }: CodeCount): number {
  if ((code >= 500 && code < 600) || code === 9) return 4;
  if (code === 429 || code === 499 || code === 460 || code === 408 || code < 100) return 3;
  if (code >= 400) return 2;
  return 1;
}

/** A server failure weighs as much as so many limits or abandonments: one stray 500 does not outrank a flood of 429. */
const FAILURE_WEIGHT = 20;
const weight = (c: CodeCount): number => (rank(c) < 3 ? 0 : c.faulty * (rank(c) === 4 ? FAILURE_WEIGHT : 1));

/** Codes that show a fault, worst first. */
export const byHurt = <C extends CodeCount>(codes: readonly C[]): C[] =>
  codes.filter((c) => c.faulty > 0).sort((a, b) => weight(b) - weight(a) || rank(b) - rank(a) || b.faulty - a.faulty);

/** The code; undefined when nothing in the stream shows a fault. */
export const worstCode = (codes: readonly CodeCount[]): number | undefined => byHurt(codes)[0]?.code;
