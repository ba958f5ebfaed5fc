import assert from 'node:assert/strict';
import * as path from 'node:path';
import { test } from 'node:test';
import type { TradingConfig } from '../../contract/process.ts';
import { RecordFlag, RecordKind } from '../../contract/record.ts';
import { defaultRiskRails } from '../../contract/risk-rails.ts';
import { EventSlot } from '../../core/event-slot.ts';
import { JournalReader } from '../../journal/journal-reader.ts';
import { temporaryFolder } from '../../journal/journal.test-support.ts';
import { startSimulatedVenue } from '../../simulation/start-simulated-venue.ts';
import { openTradingSession } from './trading-session.ts';

test('every session begins with a checkpoint of what the one before left', async (t) => {
  const credentials = { apiKey: 'test-key', apiSecret: 'test-secret' };
  const venue = await startSimulatedVenue({ seed: 5, symbols: ['BTCUSDT'], ...credentials });
  t.after(() => venue.close());
  const dir = temporaryFolder(t, 'checkpoints');
  const config: TradingConfig = {
    process: 'trading',
    dataDir: dir,
    journalDir: path.join(dir, 'journal'),
    source: {
      kind: 'sim',
      restUrl: venue.restUrl,
      streamUrl: venue.streamUrl,
      apiUrl: venue.apiUrl,
      ...credentials,
      symbols: ['BTCUSDT'],
    },
    rails: defaultRiskRails,
    strategy: { name: 'imbalance', parameters: {}, autoStart: false, symbol: 'BTCUSDT' },
    waitStrategy: 'block',
  };
  const texts: string[] = [];
  for (let round = 0; round < 3; round++) {
    const session = await openTradingSession(config, { post: () => undefined, loopDelayP99Ms: () => 0 });
    t.after(() => session.dispose());
    texts.push(session.core.checkpoint());
    session.dispose();
  }
  const reader = new JournalReader(config.journalDir);
  t.after(() => reader.close());
  const slot = new EventSlot();
  const kinds: number[] = [];
  const written: string[] = [];
  while (reader.read(slot)) {
    kinds.push(slot.kind);
    if (slot.kind !== RecordKind.checkpoint) continue;
    assert.ok(slot.has(RecordFlag.derived), 'a replay of the journal into the step passes it by');
    written.push(slot.text);
  }
  const { sessionStart, instrument, checkpoint } = RecordKind;
  const start = [sessionStart, instrument, checkpoint];
  assert.deepEqual(kinds, [...start, ...start, ...start]);
  assert.deepEqual(written, texts);
});
