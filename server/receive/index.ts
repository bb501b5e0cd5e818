// All HTTP receivers. To add one: its file in this folder, its line here.
import { lines } from './lines.ts';
import { otlp } from './otlp.ts';
import type { Receiver } from './receiver.ts';

export const receivers = [lines, otlp] as const satisfies readonly Receiver[];
