import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { BookState, RecordKind } from '../../contract/record.ts';
import { defaultRiskRails } from '../../contract/risk-rails.ts';
import { EventSlot } from '../../core/event-slot.ts';
import { JournalReader } from '../../journal/journal-reader.ts';
import { startSimulatedVenue } from '../../simulation/start-simulated-venue.ts';
import { monotonicNs } from './session-clock.ts';
import { openTradingSession } from './trading-session.ts';

const folder = mkdtempSync(join(tmpdir(), 'christmas-watch-'));
after(() => rmSync(folder, { recursive: true, force: true }));

async function until(what: string, condition: () => boolean): Promise<void> {
  for (let i = 0; i < 1500; i++) {
    if (condition()) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  assert.fail(`not within 15 s: ${what}`);
}

test('after a sleep the strategy is stopped, books and orders are opened anew; a clock set back hurts nobody', async (t) => {
  const credentials = { apiKey: 'test-key', apiSecret: 'test-secret' };
  const venue = await startSimulatedVenue({ seed: 5, symbols: ['BTCUSDT'], ...credentials });
  t.after(() => venue.close());
  const { restUrl, streamUrl, apiUrl } = venue;
  const journalDir = join(folder, 'journal');
  let setUs = 0;
  const session = await openTradingSession(
    {
      process: 'trading',
      dataDir: folder,
      journalDir,
      source: { kind: 'sim', restUrl, streamUrl, apiUrl, ...credentials, symbols: ['BTCUSDT'] },
      rails: defaultRiskRails,
      strategy: { name: 'imbalance', parameters: {}, autoStart: true, symbol: 'BTCUSDT' },
      waitStrategy: 'block',
    },
    {
      post: () => undefined,
      loopDelayP99Ms: () => 0,
      clocks: { monotonicNs, wallUs: () => Date.now() * 1000 + setUs },
    },
  );
  t.after(() => session.dispose());
  const feed = () => session.view.feed(0);
  const texts = (): string[] => session.core.snapshotViews().alerts.map((alert) => alert.text);
  session.start();
  await until('live', () => session.core.bookStates[0] === BookState.live && session.source.orderEntry === 'up');
  await until('the clock of the venue was asked for', () => feed().clock?.source === 'request');
  // One machine, one clock: what lies between is the rounding of its parts.
  assert.ok(Math.abs(feed().clock!.offsetNs) < feed().clock!.errorNs + 5e6, JSON.stringify(feed().clock));
  assert.equal(session.core.strategyView().state, 'running');

  setUs = -3_600e6;
  await until('the clock set back', () => texts().some((text) => /was set back by 3[56]\d\d\.\d s/.test(text)));
  assert.equal(session.core.strategyView().state, 'running', 'times of the session are steady');
  assert.equal(session.core.bookStates[0], BookState.live);
  for (const [stage, { max }] of Object.entries(session.report().latencyNs)) assert.ok(max >= 0, stage);
  assert.ok(session.monitor.lag(0)!.lagNs >= -1, JSON.stringify(feed()));
  assert.ok(Math.abs(feed().feedLagNs) < 3_000e9, 'not off by the hour that the clock was set back');

  const before = session.core.bookStateChanges(0);
  setUs += 60e6;
  await until('the strategy stopped', () => session.core.strategyView().state === 'stopped');
  assert.match(session.core.strategyView().reason, /^this machine slept for \d+\.\d s, or its clock was set forward$/);
  await until('a new connection', () => (session.core.bookStateChanges(0).connecting ?? 0) > (before.connecting ?? 0));
  await until('live again', () => session.core.bookStates[0] === BookState.live && session.source.orderEntry === 'up');
  await until('the clock is known again', () => feed().clock?.source === 'request');
  assert.equal(session.core.strategyView().state, 'stopped', 'it does not start again by itself');
  const { integrity } = session.core.snapshotViews();
  assert.deepEqual(
    integrity.map((change) => change.state).filter((state) => state === 'live' || state === 'connecting'),
    ['live', 'connecting', 'live'],
  );
  await session.end();
  session.dispose();

  const journalled: string[] = [];
  const reader = new JournalReader(journalDir);
  const slot = new EventSlot();
  while (reader.read(slot)) {
    if (slot.kind === RecordKind.alert || slot.kind === RecordKind.intentStrategy) journalled.push(slot.text);
  }
  reader.close();
  assert.ok(journalled.some((text) => text.startsWith('Everything is opened anew: this machine slept')));
  assert.ok(journalled.some((text) => text.startsWith('this machine slept')));
});
