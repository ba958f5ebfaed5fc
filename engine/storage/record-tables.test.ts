import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RecordKind } from '../contract/record.ts';
import { tableOf } from './record-tables.ts';
import { RECORD_TABLES } from './schema.ts';

test('every kind has one table, also kinds that a newer program has written', () => {
  const byTable: Record<string, string[]> = {};
  for (const [name, kind] of Object.entries(RecordKind)) {
    const table = tableOf(kind);
    assert.ok(RECORD_TABLES.includes(table), `${name}: ${table}`);
    byTable[table] = [...(byTable[table] ?? []), name];
  }
  assert.equal(new Set(Object.values(RecordKind)).size, Object.keys(RecordKind).length, 'no number is used twice');
  assert.ok(byTable['session_log']?.includes('checkpoint'), 'a checkpoint speaks of the session, not of one order');
  assert.deepEqual(byTable['fills'], ['orderFill']);
  assert.deepEqual(byTable['journal_texts'], ['text']);
  for (const kind of [0, 6, 64, 255]) assert.equal(tableOf(kind), 'session_log');
});
