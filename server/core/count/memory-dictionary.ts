// Numbers for the values of dimensions where nothing is stored.
import { dimensionOf, numberOf, sourceOf, valueId } from './value-id.ts';
import type { Dictionary } from './values.ts';

export class MemoryDictionary implements Dictionary {
  readonly #numbers = new Map<number, Map<string, number>>();
  readonly #texts = new Map<number, string[]>();

  numberOf(source: number, dimension: number, text: string): number {
    const family = valueId(source, dimension, 0);
    let numbers = this.#numbers.get(family);
    if (numbers === undefined) {
      this.#numbers.set(family, (numbers = new Map()));
      this.#texts.set(family, ['']);
    }
    let number = numbers.get(text);
    if (number === undefined) {
      number = numbers.size + 1;
      numbers.set(text, number);
      this.#texts.get(family)!.push(text);
    }
    return number;
  }

  textOf(id: number): string | undefined {
    const number = numberOf(id);
    return number === 0 ? undefined : this.#texts.get(valueId(sourceOf(id), dimensionOf(id), 0))?.[number];
  }
}
