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

/** Codes that show a fault, worst first. */
export const byHurt = <C extends CodeCount>(codes: readonly C[]): C[] => codes.filter((c) => c.faulty > 0).sort((a, b) => rank(b) - rank(a) || b.faulty - a.faulty);

/** The code; undefined when nothing in the stream shows a fault. */
export const worstCode = (codes: readonly CodeCount[]): number | undefined => byHurt(codes)[0]?.code;
