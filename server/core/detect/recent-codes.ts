// Which codes a source answered with lately: they name the codes of a family. Fades by slot, to half in two minutes.

const CODES = 1000;
const KEEP = 0.95;

export class RecentCodes {
  readonly #count = new Float64Array(CODES);
  #seen: number[] = [];

  count(code: number, count: number): void {
    if (this.#count[code] === 0) this.#seen.push(code);
    this.#count[code] += count;
  }

  /** Those of about the last slots. */
  seen(): number[] {
    return this.#seen.filter((code) => this.#count[code] >= 1);
  }

  /** Most first. */
  of(is: (code: number) => boolean): number[] {
    return this.#seen.filter(is).sort((a, b) => this.#count[b] - this.#count[a]);
  }

  fade(): void {
    this.#seen = this.#seen.filter((code) => {
      this.#count[code] *= KEEP;
      if (this.#count[code] >= 0.01) return true;
      this.#count[code] = 0;
      return false;
    });
  }
}
