import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { test } from 'node:test';
import { eventually, temporaryDataDir } from '../storage.test-support.ts';
import { needsRedis, redisConfig, RedisServer } from './redis.test-support.ts';
import { RedisTickCache } from './redis-tick-cache.ts';
import type { Tick } from './tick.ts';
import { TickFeed } from './tick-feed.ts';
import { TickJournal } from './tick-journal.test-support.ts';

/** The program printed in the README, as it is printed. */
function programOfReadme(): string {
  const readme = fs.readFileSync(path.join(import.meta.dirname, 'README.md'), 'utf8');
  const program = /```js\n(\/\/ watch-ticks[\s\S]*?)```/.exec(readme)?.[1];
  if (program === undefined) throw new Error('Expected the consumer in tick-cache/README.md');
  return program;
}

test('the consumer of the README sees every live tick once, through an outage', needsRedis, async (t) => {
  const server = await RedisServer.start(['--appendonly', 'yes', '--appendfsync', 'always']);
  t.after(() => server.stop());
  const data = temporaryDataDir();
  const dir = path.join(data, 'journal');
  const journal = new TickJournal(dir, ['BTCUSDT', 'ETHUSDT'], 100_000);
  t.after(() => journal.close());
  const cache = new RedisTickCache(redisConfig([server.address]), { timeoutMs: 1_000 });
  const feed = new TickFeed({ journalDirs: [dir], cache, longestRetryMs: 100 });
  feed.start();
  t.after(() => feed.stop(500));
  await eventually('up', () => feed.status().state === 'up');

  const program = programOfReadme();
  assert.ok(program.trim().split('\n').length <= 20, 'as short as promised');
  // Beside node_modules, so that it finds ioredis.
  const file = path.join(import.meta.dirname, '..', '..', '..', 'node_modules', '.cache', `watch-${process.pid}.mjs`);
  fs.mkdirSync(path.dirname(file), { recursive: true });
  fs.writeFileSync(file, program);
  const key = `christmas:{${journal.seriesName('BTCUSDT')}}:trade:live`;
  const consumer = spawn(process.execPath, [file, `redis://${server.address}`, key]);
  t.after(() => {
    consumer.kill('SIGKILL');
    fs.rmSync(file, { force: true });
  });
  const lines: string[] = [];
  const missed: string[] = [];
  const take = (into: string[]) => (bytes: Buffer) => into.push(...bytes.toString().split('\n').filter(Boolean));
  consumer.stdout.on('data', take(lines));
  consumer.stderr.on('data', take(missed));

  for (let i = 0; i < 20; i++) {
    journal.append(50);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  const printed = (ticks: Tick[]): string[] =>
    ticks.map(({ timeUs, id, side, priceTicks, sizeLots }) => [timeUs, id, side, priceTicks, sizeLots].join(' '));
  await eventually('all ticks', () => lines.length >= journal.newest('BTCUSDT').length, 20_000);
  assert.deepEqual(lines, printed(journal.newest('BTCUSDT')));
  assert.deepEqual(missed, []);

  // What was written while the server was away is in the set only; the consumer is told that it missed something.
  const before = journal.newest('BTCUSDT').length;
  await server.kill();
  journal.append(100);
  await eventually('down', () => feed.status().state === 'down');
  await server.start();
  await eventually('up', () => feed.status().state === 'up' && feed.status().backlog === 0, 20_000);
  journal.append(100);
  await eventually('the ticks after it', () => lines.length >= before + 50, 20_000);
  const all = printed(journal.newest('BTCUSDT'));
  assert.deepEqual(lines, [...all.slice(0, before), ...all.slice(-50)]);
  assert.equal(missed.length, 1);
  assert.match(missed[0] ?? '', /missed/);
});
