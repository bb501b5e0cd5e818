// The bytes that formats are written with: what is below the formats reads bytes, too.
export { ASCII } from '../../core/ascii.ts';
