// The name of a status code.
import { STATUS_CODES } from 'node:http';

export const codeName = (code: number): string => STATUS_CODES[code] ?? '';
