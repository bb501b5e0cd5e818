// All HTTP receivers. To add one: its file in this folder, its line here.
import { elasticBulk } from './elastic-bulk.ts';
import { firehose } from './firehose.ts';
import { lines } from './lines.ts';
import { loki } from './loki.ts';
import { otlp } from './otlp.ts';
import type { Receiver } from './receiver.ts';
import { ship } from './ship.ts';
import { splunk } from './splunk.ts';

export const receivers = [
  lines,
  otlp,
  loki,
  elasticBulk,
  firehose,
  splunk,
  ship,
] as const satisfies readonly Receiver[];
