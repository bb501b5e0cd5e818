// The first line of a text, as a declared format reads it.
import { parsed } from '../parsed.ts';

export const read = (format: string, line: string): Record<string, unknown> => parsed(line, format)[0];
