// The classes of status codes: their names, their colours, and the order in which they are drawn.
import { classOf, type StatusClass } from '#shared/status.ts';
import { texts } from '../texts/index.ts';

export const className = (cls: StatusClass): string => texts.classes[cls];
export const isError = (code: number): boolean => code >= 400 && code < 600;
/** Which class is drawn first, from the baseline up: errors must not float on top of success. */
export const STACK: readonly StatusClass[] = ['5xx', 'other', '4xx', '3xx', '2xx', '1xx'];
/** The token of a class's colour. */
export const classToken = (cls: StatusClass): string => (cls === 'other' ? '--c0' : `--c${cls[0]}`);
export { classOf };
