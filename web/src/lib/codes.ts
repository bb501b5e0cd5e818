// Names of status codes for rows and titles; what the reference does not know is called by its class.
import { classOf, type StatusClass } from '#shared/status.ts';

const CLASS_NAME: Record<StatusClass, string> = {
  '1xx': 'Informational',
  '2xx': 'Success',
  '3xx': 'Redirection',
  '4xx': 'Client error',
  '5xx': 'Server error',
  other: 'Not a status code',
};
export const className = (cls: StatusClass): string => CLASS_NAME[cls];
export const isError = (code: number): boolean => code >= 400 && code < 600;
/** Which class is drawn first, from the baseline up: errors must not float on top of success. */
export const STACK: readonly StatusClass[] = ['5xx', 'other', '4xx', '3xx', '2xx', '1xx'];
/** The token of a class's colour. */
export const classToken = (cls: StatusClass): string => (cls === 'other' ? '--c0' : `--c${cls[0]}`);
export { classOf };
