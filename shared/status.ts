// What a status code is, for both sides: its class, and the glyph that stands for the class wherever colour does.

/** A response class. `other` holds every code outside 100–599 that proxies really log: 0, 9, 600–999. */
export const CLASSES = ['1xx', '2xx', '3xx', '4xx', '5xx', 'other'] as const;
export type StatusClass = (typeof CLASSES)[number];

/** Class of a code 0–999. */
export function classOf(code: number): StatusClass {
  return code >= 100 && code < 600 ? CLASSES[Math.floor(code / 100) - 1]! : 'other';
}

/** Shown beside a class everywhere, so that colour is never the only sign. */
export const CLASS_GLYPH: Record<StatusClass, string> = {
  '1xx': '…',
  '2xx': '✓',
  '3xx': '↪',
  '4xx': '!',
  '5xx': '✕',
  other: '?',
};

/** `9` → `009`: a code as three digits, as it stands in a log. */
export const codeText = (code: number): string => String(code).padStart(3, '0');
