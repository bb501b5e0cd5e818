// The one judge of what is a request served.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  BARE,
  ENOUGH,
  MEASURED,
  MESSAGE,
  ODD_STATUS,
  OTHER_SERVICE,
  QUOTATION,
  REQUEST,
  SENT,
  SERVER_SIDE,
  SESSION,
  TIMED,
  unserved,
  URL_ALONE,
} from '../../server/formats/served.ts';

const RECORD = REQUEST | ENOUGH | MEASURED;
const kindOf = (signs: number): string => unserved(signs)?.kind ?? 'served';

test('a record with enough on it and one measure is of a request served, wherever the measure comes from', () => {
  for (const measure of [MEASURED, TIMED, BARE]) assert.equal(kindOf(REQUEST | ENOUGH | measure), 'served');
  assert.equal(kindOf(REQUEST | ENOUGH), 'rejected', 'a test or a rule has no measure');
  assert.equal(kindOf(REQUEST | MEASURED), 'rejected', 'too little is next to the number');
});

test('what is not HTTP, not a record or not served is told so, whatever else is on it', () => {
  for (const sign of [SESSION, OTHER_SERVICE, QUOTATION]) {
    assert.equal(kindOf(RECORD | sign), 'skipped');
    assert.equal(kindOf(RECORD | SERVER_SIDE | sign), 'skipped', 'a SERVER span of a database is not a request');
  }
  assert.equal(kindOf(RECORD | MESSAGE), 'rejected');
  for (const sign of [SENT, URL_ALONE]) assert.equal(kindOf(RECORD | sign), 'skipped');
});

test('what is known to be a server’s record needs no measure, and what it says of direction does not count', () => {
  assert.equal(kindOf(ENOUGH | SERVER_SIDE), 'served');
  assert.equal(kindOf(RECORD | SERVER_SIDE | SENT | URL_ALONE | ODD_STATUS), 'served');
  assert.equal(kindOf(SERVER_SIDE), 'rejected', 'but a status of HTTP it must have');
});

test('a number outside of 100 to 599 is a status only where a request is', () => {
  assert.equal(kindOf(RECORD | ODD_STATUS), 'served');
  assert.equal(kindOf((RECORD & ~REQUEST) | ODD_STATUS), 'rejected');
});

test('each reason differs from the others', () => {
  const reasons = [SESSION, OTHER_SERVICE, QUOTATION, MESSAGE, SENT].map((sign) => unserved(RECORD | sign));
  assert.equal(new Set([...reasons, unserved(REQUEST | ENOUGH)]).size, reasons.length + 1);
});
