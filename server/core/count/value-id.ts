// The number that a value of a dimension is counted under, in deltas and in the database. It says whose it is, so that
// nothing has to be looked up to file a count: | source 10 bits | dimension 3 | number within both 19 |. Number 0 is
// `other`. The text behind a number never changes.
import { DIMENSIONS, type Dimension } from '#shared/api.ts';

export const SOURCES_MAX = 1023;
export const NUMBERS_MAX = 2 ** 19 - 1;

/** A dimension's place in DIMENSIONS is stored: new ones are added at the end, and eight is all there is room for. */
export const CAUSE = 0,
  UPSTREAM = 1,
  ROUTE = 2,
  METHOD = 3,
  HOST = 4,
  CLIENT = 5,
  DURATION = 6;

export const textOfDimension = (index: number): Dimension => DIMENSIONS[index];
export const dimensionIndex = (dimension: Dimension): number => DIMENSIONS.indexOf(dimension);

export const valueId = (source: number, dimension: number, number: number): number =>
  ((source << 22) | (dimension << 19) | number) >>> 0;
export const sourceOf = (id: number): number => id >>> 22;
export const dimensionOf = (id: number): number => (id >>> 19) & 7;
export const numberOf = (id: number): number => id & NUMBERS_MAX;
/** Of a number in the family of its source and dimension, which is the id without it. */
export const idIn = (family: number, number: number): number => ((family << 19) | number) >>> 0;
