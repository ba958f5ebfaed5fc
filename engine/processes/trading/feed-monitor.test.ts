import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { RecordKind } from '../../contract/record.ts';
import { defaultRiskRails } from '../../contract/risk-rails.ts';
import type { AlertView, FeedStats } from '../../contract/trading-messages.ts';
import { EventSlot } from '../../core/event-slot.ts';
import { JournalReader } from '../../journal/journal-reader.ts';
import { testInstrument } from '../../market/instrument.test-support.ts';
import { recordingPath, skipReason } from '../../simulation/player/recorded-day.test-support.ts';
import { FeedMonitor } from './feed-monitor.ts';
import { openTradingSession } from './trading-session.ts';

const folder = mkdtempSync(join(tmpdir(), 'christmas-monitor-'));
after(() => rmSync(folder, { recursive: true, force: true }));

interface Played {
  feed: FeedStats;
  alerts: AlertView[];
  /** Alert records of the journal: time and text. */
  journalled: [number, string][];
}

async function play(name: string, file: string): Promise<Played> {
  const journalDir = join(folder, name);
  let finish: (problem?: string) => void = () => undefined;
  const finished = new Promise<string | undefined>((resolve) => {
    finish = resolve;
  });
  const session = await openTradingSession(
    {
      process: 'trading',
      dataDir: folder,
      journalDir,
      source: { kind: 'replay', files: [file], protocol: 'binance-spot', speed: 'max' },
      rails: defaultRiskRails,
      strategy: { name: 'none', parameters: {}, autoStart: false },
      waitStrategy: 'block',
    },
    {
      post: (event) => {
        if (event.type === 'replayFinished') finish();
        if (event.type === 'fatal') finish(event.error);
      },
      loopDelayP99Ms: () => 0,
    },
  );
  session.start();
  assert.equal(await finished, undefined);
  const feed = session.view.feed(0);
  const { alerts } = session.core.snapshotViews();
  await session.end();
  session.dispose();
  const journalled: [number, string][] = [];
  const reader = new JournalReader(journalDir);
  const slot = new EventSlot();
  while (reader.read(slot)) if (slot.kind === RecordKind.alert) journalled.push([slot.timeNs, slot.text]);
  reader.close();
  return { feed, alerts, journalled };
}

test('a recording whose clock is 1.27 s behind the exchange shows it, and no alarm', { skip: skipReason }, async () => {
  const { feed, alerts } = await play('as-recorded', recordingPath('spot_btcusdt_20240808.gz'));
  assert.equal(feed.clock?.source, 'feed');
  const { offsetNs, errorNs } = feed.clock as NonNullable<FeedStats['clock']>;
  // Venue minus this machine: positive where this machine is behind. The README there: 1,219 to 1,275 ms.
  assert.ok(Math.abs(offsetNs - 1_275e6) < 2e6, `${offsetNs / 1e6} ms`);
  assert.ok(errorNs > 0 && errorNs < 57e6, `${errorNs / 1e6} ms`);
  assert.ok(feed.feedLagNs < -1.2e9, 'the lag itself is shown as it was measured');
  assert.equal(feed.lagAlarm, false);
  assert.ok(Math.abs(feed.lagSlopeNsPerS as number) < 5e6);
  assert.deepEqual(alerts, []);
});

test('a feed that falls behind and catches up is two alarms, at the same records every time', {
  skip: skipReason,
}, async () => {
  const slowed = join(folder, 'slowed.txt');
  const lines = gunzipSync(readFileSync(recordingPath('spot_btcusdt_20240808.gz')))
    .toString()
    .split('\n', 15_000);
  const beganNs = BigInt((lines[0] as string).split(' ', 1)[0] as string);
  let lastNs = 0n;
  const later = lines.map((line) => {
    const atNs = BigInt(line.split(' ', 1)[0] as string);
    const second = Number(atNs - beganNs) / 1e9;
    // From second 20 to 30 every second is 0.2 s longer; the backlog of 2 s is gone within four seconds.
    const delayMs = second < 20 ? 0 : second < 30 ? (second - 20) * 200 : Math.max(0, 2_000 - (second - 30) * 500);
    const delayedNs = atNs + BigInt(Math.round(delayMs * 1e6));
    lastNs = delayedNs > lastNs ? delayedNs : lastNs;
    return `${lastNs} ${line.slice(line.indexOf(' ') + 1)}`;
  });
  assert.ok(Number(lastNs - beganNs) / 1e9 > 50, 'the part of the recording is long enough');
  writeFileSync(slowed, later.join('\n'));
  const first = await play('slowed', slowed);
  assert.deepEqual(
    first.alerts.map(({ level }) => level),
    ['warning', 'info'],
  );
  assert.match(
    first.alerts[0]!.text,
    /^BTCUSDT feed falls behind by \d+ ms a second \(limit 50 ms\), is 0\.\d\d s behind/,
  );
  assert.match(first.alerts[1]!.text, /^BTCUSDT feed has caught up: \d+ ms behind the venue$/);
  assert.equal(first.feed.lagAlarm, false);
  assert.deepEqual(
    first.journalled.map(([, text]) => text),
    first.alerts.map(({ text }) => text),
  );
  const second = await play('slowed-again', slowed);
  assert.deepEqual(second.journalled, first.journalled);
});

test('each venue has its own clock; an answer that contradicts the estimate is an alert', () => {
  const alerts: string[] = [];
  const lags = [5e6, -95e6];
  const instruments = [
    testInstrument({ index: 0, venue: 'bybit' }),
    testInstrument({ index: 1, venue: 'upbit', symbol: 'KRW-BTC' }),
  ];
  const originUs = 1_700_000_000_000_000;
  const monitor = new FeedMonitor({
    instruments: () => instruments,
    originUs,
    takeSmallestLagNs: (instrument) => lags[instrument] as number,
    emit: (slot) => alerts.push(slot.text),
  });
  assert.equal(monitor.clock('bybit', 0), undefined);
  for (let ms = 50; ms <= 5_000; ms += 50) monitor.onTimer(ms * 1e6);
  monitor.onVenueTime('bybit', 5e9, 5.01e9, originUs + 5_004_000, 1);
  const bybit = monitor.clock('bybit', 5.01e9)!;
  assert.equal(bybit.source, 'request');
  assert.ok(bybit.errorNs < 6e6 && Math.abs(bybit.offsetNs) < 7e6, JSON.stringify(bybit));
  assert.deepEqual(monitor.clock('upbit', 5e9)?.source, 'feed');
  assert.ok(Math.abs((monitor.clock('upbit', 5e9)?.offsetNs as number) - 95e6) < 1e6);
  assert.ok((monitor.lag(1)?.lagNs as number) >= 0);
  assert.equal(monitor.lag(2), undefined);
  monitor.onVenueTime('bybit', 6e9, 6.01e9, originUs + 3_000_000, 1);
  assert.deepEqual(
    alerts.map((text) => text.replace(/\d+\.\d+/, 'N')),
    ['bybit: its clock moved by N s'],
  );
  monitor.reset();
  assert.equal(monitor.clock('bybit', 6e9), undefined);
});

test('a pause of the timer is a pause of the samples: no slope is made up', () => {
  const alerts: string[] = [];
  let lagNs = 10e6;
  const monitor = new FeedMonitor({
    instruments: () => [testInstrument()],
    originUs: 0,
    takeSmallestLagNs: () => lagNs,
    emit: (slot) => alerts.push(slot.text),
  });
  let timeNs = 0;
  const tick = (count: number): void => {
    for (let i = 0; i < count; i++) {
      timeNs += 50e6;
      monitor.onTimer(timeNs);
    }
  };
  tick(200);
  timeNs += 3_600e9;
  lagNs = 200e6;
  tick(5);
  assert.equal(monitor.lag(0)?.slopeNsPerS, 0);
  tick(200);
  assert.deepEqual(alerts, []);
});
