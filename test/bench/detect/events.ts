// Every family of events.
import type { Family } from './event.ts';
import { failing } from './families/failing.ts';
import { quiet } from './families/quiet.ts';
import { slow } from './families/slow.ts';
import { traffic } from './families/traffic.ts';
import { turns } from './families/turns.ts';

export const families: readonly Family[] = [...failing, ...slow, ...turns, ...traffic, ...quiet];
