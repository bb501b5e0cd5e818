// The directives of a W3C log as a declaration: of a file that has lost them, or of a stream that never has any, as CloudFront's real-time log.
import type { Format } from '../format.ts';
import { w3c, W3cReader } from './w3c.ts';

export const looksLikeHeader = (text: string): boolean => /^[ \t]*#fields\b/im.test(text);

export const declaredW3c = (header: string): Format => ({ ...w3c, open: () => new W3cReader(header) });
